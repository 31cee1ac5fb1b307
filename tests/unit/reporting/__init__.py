"""Reporting: rules, texts, fonts, rendering, files. No sockets; the rendering child is a real process."""
