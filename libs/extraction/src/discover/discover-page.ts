import type { ParsedPage } from '../parse/parsed-page.js';
export function discoverPage(page: ParsedPage): {
  links: readonly { readonly url: string; readonly nofollow: boolean }[];
  robots: { noindex: boolean; nofollow: boolean };
} {
  return {
    links: page.links.map(({ url, rel }) => ({ url: url.split('#')[0] ?? url, nofollow: rel?.includes('nofollow') ?? false })),
    robots: { noindex: false, nofollow: false },
  };
}
