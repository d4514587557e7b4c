"""The operations over HTTP, one module per noun; `maskgan.web.app` puts them together."""
