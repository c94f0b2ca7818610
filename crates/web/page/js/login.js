import { login } from "./api.js";
import { field, openDialog, showProblem } from "./dialog.js";
import { h } from "./dom.js";

let open = false;

/**
 * Asks for the token until it is the right one.
 * @param {() => void} done
 */
export function askForToken(done) {
  if (open) return;
  open = true;
  const input = h("input", { name: "token", type: "password", required: true, autofocus: true, autocomplete: "current-password", spellcheck: "false", testid: "token" });
  const error = h("div", { class: "problem", role: "alert", hidden: true, testid: "login-error" });
  const button = h("button", { type: "submit", class: "button primary", testid: "login-submit" }, "Sign in");
  const form = h("form", { on: { submit: (event) => send(event) } },
    h("p", { text: "This maskd is protected. The token is in the file or variable that its configuration names." }),
    h("input", { name: "username", type: "text", autocomplete: "username", value: "maskd", hidden: true }), // for password managers
    field("Token", input), error, h("div", { class: "dialog-actions" }, button));
  const dialog = openDialog({ title: "Sign in to maskd", testid: "login", body: [form], closable: false });

  async function send(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      await login(input.value.trim());
      open = false;
      dialog.close();
      done();
    } catch (problem) {
      showProblem(error, problem);
      input.select();
    } finally {
      button.disabled = false;
    }
  }
}
