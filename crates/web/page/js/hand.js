/** Fingers tap, mice click. */
const FINGER = matchMedia("(pointer: coarse)");

/**
 * "Click" in the word of the hand that does it; several devices may take turns.
 * @returns {"Click"|"Tap"}
 */
export function press() {
  return FINGER.matches ? "Tap" : "Click";
}
