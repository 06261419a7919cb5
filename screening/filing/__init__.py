"""Many full texts at once: a delivery is read and matched, what is not sure waits in a tray."""
