import type { TemplateConfig, TemplateVersion } from '@gleaner/domain';
import { type ParsedPage, parsePage } from '../parse/parsed-page.js';
import { sentence, titleOf } from './page-frames.js';

export type SampleKind = 'story' | 'manual' | 'ware';
/** 0 as first built; 1 all names changed and boxes added; 2 the old names on other boxes. */
export type Design = 0 | 1 | 2;

const WRITERS = ['Ines Varga', 'Bo Lindholm', 'Thandi Nkosi', 'Pilar Ortega'];
export const NOTICE = 'Members read this journal without any advertising at all.';

export interface SamplePage {
  readonly page: ParsedPage;
  readonly title: string;
  readonly author: string;
  readonly publishedAt: string;
  readonly price: string;
  readonly height: string;
  readonly marks: readonly string[];
}

function contentOf(kind: SampleKind, name: (plain: string) => string, facts: Omit<SamplePage, 'page'>, paragraphs: string): string {
  const { title, author, publishedAt, price, height } = facts;
  if (kind === 'story')
    return `<article class="${name('entry')}"><h1 class="${name('heading')}">${title}</h1><p class="${name('credit')}">By <span class="${name('writer')}">${author}</span></p><time class="${name('day')}" datetime="${publishedAt}">then</time><div class="${name('copy')}">${paragraphs}</div><div class="${name('plea')}">${NOTICE}</div></article>`;
  if (kind === 'manual')
    return `<main class="${name('guide')}"><h1>${title}</h1><section>${paragraphs}</section><pre><code class="language-py">x = 1\nprint(x)</code></pre></main>`;
  return `<main class="${name('ware')}"><h1 class="${name('label')}">${title}</h1><div class="${name('cost')}">€${price}</div><dl><dt>Height</dt><dd>${height}</dd><dt>Colour</dt><dd>Green</dd></dl><div class="${name('about')}">${paragraphs}</div><form><button>Add to basket</button></form></main>`;
}

/** One page of a small site; what it says depends on its number alone, how it is built on the design. */
export function samplePage(kind: SampleKind, number: number, design: Design = 0): SamplePage {
  const name = (plain: string): string => (design === 1 ? `q${(plain.length * 977 + plain.charCodeAt(0) * 31).toString(36)}z9` : plain);
  const marks = Array.from({ length: 4 + (number % 4) }, (_, part) => `mark${kind}${number}x${part}`);
  const paragraphs = marks
    .map((mark, part) => `<p>${sentence(number * 7 + part)} ${mark} ${sentence(number * 11 + part * 3 + 1)}</p>`)
    .join('');
  const facts = {
    title: `${titleOf(number)} in part ${number}`,
    author: WRITERS[number % WRITERS.length] ?? '',
    publishedAt: `2026-03-${String(1 + (number % 28)).padStart(2, '0')}`,
    price: `${20 + number}.50`,
    height: `${200 + number} mm`,
    marks,
  };
  const content = contentOf(kind, name, facts, paragraphs);
  // The old names of the text now stand on a box of other pages' beginnings.
  const trap = `<div class="entry guide ware"><div class="copy about">${[1, 2, 3, 4].map((other) => `<p>Also of interest: ${sentence(number + other * 5)} ${sentence(other)}</p>`).join('')}</div></div>`;
  const renamed = content.replaceAll(/class="(?!language)[^"]*"/g, 'class="part"').replaceAll(/<(\/?)(?:article|main|section)/g, '<$1div');
  const body =
    [
      content,
      `<div class="${name('outer')}"><div><div class="${name('grid')}">${content}</div></div></div>`,
      `<div>${renamed}</div><aside>${trap}</aside>`,
    ][design] ?? content;
  const links = [1, 2, 3, 4, 5].map((other) => `<li><a href="/${kind}/n${other}">Page ${other}</a></li>`).join('');
  const ld =
    kind === 'ware'
      ? `<script type="application/ld+json">{"@type":"Product","name":"${facts.title}","offers":{"@type":"Offer","price":"${facts.price}","priceCurrency":"EUR"}}</script>`
      : '';
  const html = `<!doctype html><html lang="en"><head><title>${facts.title} | Quay Journal</title>${ld}</head><body><header><nav><ul>${links}</ul></nav></header>${body}<footer>All rights reserved by the Quay Journal</footer></body></html>`;
  return { ...facts, page: parsePage(html, `https://quay.example/${kind}/n${number}`) };
}

export function versionOf(config: TemplateConfig, mean = 1): TemplateVersion {
  return {
    site: 'quay.example',
    templateId: 'tpl_a',
    shape: '/*',
    version: 3,
    state: 'active',
    pinned: false,
    config,
    scores: { mean, min: mean, pagesLearned: 4, pagesHeldOut: 4 },
    author: 'heuristic',
    model: null,
    costUsd: 0,
    sampleUrls: [],
    createdAt: '2026-01-01T00:00:00Z',
  };
}
