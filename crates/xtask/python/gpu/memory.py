"""Memory of the GPU, as the driver counts it: all programs together."""

import ctypes
import threading
import time


class _Info(ctypes.Structure):
    """`nvmlMemory_t`, in bytes."""

    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


class Driver:
    """NVIDIA's management library, which comes with the driver, and its first device."""

    def __init__(self, name="libnvidia-ml.so.1"):
        self.library, self.device = ctypes.CDLL(name), ctypes.c_void_p()
        self._ask("nvmlInit_v2")
        self._ask("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(0), ctypes.byref(self.device))

    def _ask(self, function, *arguments):
        status = getattr(self.library, function)(*arguments)
        if status != 0:
            raise OSError(f"{function} gave {status}")

    def used(self):
        """MiB in use."""
        info = _Info()
        self._ask("nvmlDeviceGetMemoryInfo", self.device, ctypes.byref(info))
        return info.used >> 20


class Memory:
    """MiB in use on the first device, ten times a second; `None` where nobody can say."""

    def __init__(self):
        self.now = self.peak = None
        try:
            driver = Driver()
            self.now = self.peak = driver.used()
        except (OSError, AttributeError):
            return
        threading.Thread(target=self._watch, args=(driver,), daemon=True).start()

    def _watch(self, driver):
        while True:
            time.sleep(0.1)
            try:
                self.now = driver.used()
            except OSError:
                # A figure that does not change would be wrong.
                self.now = self.peak = None
                return
            self.peak = max(self.now, self.peak)

    def restart(self):
        """Forgets the peak; gives what is in use now, or `None`."""
        self.peak = self.now
        return self.now
