/** The code of an error of the system or of OpenSSL, such as ENOENT. It holds no content of what could not be used. */
export function errorCode(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown reason";
}
