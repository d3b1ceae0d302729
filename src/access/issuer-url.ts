const LOOPBACK_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Whether keys may be fetched from there: by https, so that nobody on the way can put in keys of their own, or from this
 * machine itself.
 */
export function isIssuerUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s?#@\\]+$/.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || LOOPBACK_HOSTS.includes(hostname);
}
