/**
 * Last parts of names that are files and never pages: fetching them costs a request each, only to be refused by their content type.
 */
const FILE_EXTENSION =
  /\.(?:7z|aac|apk|avi|avif|bin|bmp|bz2|css|csv|deb|dmg|doc|docx|eot|eps|epub|exe|flac|flv|gif|gz|ico|ics|iso|jar|jpe?g|js|json|m4[av]|mjs|mkv|mov|mp[34]|mpe?g|msi|ods|odt|ogg|ogv|otf|pdf|pkg|png|pptx?|ps|rar|rpm|svg|swf|tar|tgz|tiff?|ttf|wasm|wav|webm|webp|wmv|woff2?|xlsx?|xz|zip)$/i;

/** The extension of a URL that names a file and no page, lower case with its dot; null for all others. */
export function fileExtensionOf(url: URL): string | null {
  return FILE_EXTENSION.exec(url.pathname)?.[0].toLowerCase() ?? null;
}
