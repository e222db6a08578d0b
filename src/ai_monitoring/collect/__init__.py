"""The daemon that records AI requests of services in any language, over HTTP and OTLP: `ai-monitoring collect`."""
