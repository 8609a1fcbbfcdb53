// HTTP by a proxy, on undici. Loaded only where a proxy applies. protocol.md 0.6.
export {}
