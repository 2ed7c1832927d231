export function registrableDomain(host: string): string | null {
  return host;
}
