// The extractors that are measured: each turns HTML into readable text, all by the same plain-text writer.
import { Readability } from '@mozilla/readability';
import { extractGeneral, parsePage, toMarkdown, toText } from '@gleaner/extraction';
import defuddleModule from 'defuddle';
import { parseHTML } from 'linkedom';

// A CommonJS bundle: its default export stands inside the module's.
const Defuddle = defuddleModule.default ?? defuddleModule;

const contentOf = (html, url) => parsePage(`<body>${html ?? ''}</body>`, url);
const textOf = (html, url) => {
  const { body } = contentOf(html, url);
  return body === null ? '' : toText([body]);
};

/** defuddle reports to the console what it tries. */
function quietly(run) {
  const { log, warn, error } = console;
  console.log = console.warn = console.error = () => {};
  try {
    return run();
  } finally {
    Object.assign(console, { log, warn, error });
  }
}

const readable = (html) => new Readability(parseHTML(html).document).parse()?.content ?? '';
const defuddled = (html, url) => quietly(() => new Defuddle(parseHTML(html).document, { url }).parse().content) ?? '';

export const EXTRACTORS = {
  gleaner: (html, url) => extractGeneral(parsePage(html, url)).text,
  'readability + linkedom': (html, url) => textOf(readable(html), url),
  'defuddle + linkedom': (html, url) => textOf(defuddled(html, url), url),
};

/** Markdown of a fragment. */
export function markdownOf(html, url) {
  const page = parsePage(`<html><body>${html}</body></html>`, url);
  return toMarkdown(page.body?.children ?? [], page.baseUrl);
}
