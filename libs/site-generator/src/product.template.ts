import type { PageBody } from './content-page.js';
import { lexiconOf } from './lexicon.js';
import type { PageContent } from './page-content.js';
import type { SiteModel } from './site-model.js';
import type { Skin } from './skin.js';

const SALT = 301;

/** The price of a product in euros, as its page writes it: `129.90`. */
export function priceOf(model: SiteModel, page: number): string {
  return ((500 + model.random(SALT, page).below(90_000)) / 100).toFixed(2);
}

/** A thing for sale: its facts are in microdata. */
export function product(model: SiteModel, content: PageContent, skin: Skin): PageBody {
  const { title, author, paragraphs, page } = content;
  const random = model.random(SALT, page, 1);
  const specs = [
    ['Height', `${5 + random.below(200)} cm`],
    ['Weight', `${100 + random.below(9_000)} g`],
    ['Article', `MC-${page}`],
  ];
  return {
    openGraphType: 'product',
    head: `<meta property="product:price:amount" content="${priceOf(model, page)}">\n<meta property="product:price:currency" content="EUR">`,
    main: `<div class="${skin.name('product')}" itemscope itemtype="https://schema.org/Product">
<div class="${skin.name('gallery')}"><img itemprop="image" src="/images/${page}.svg" alt="${title}" width="400" height="400"></div>
<h1 itemprop="name">${title}</h1>
<p class="${skin.name('maker')}"><span itemprop="brand">${author}</span> <meta itemprop="sku" content="MC-${page}"></p>
<div class="${skin.name('offer')}" itemprop="offers" itemscope itemtype="https://schema.org/Offer">
<meta itemprop="priceCurrency" content="EUR"><span class="${skin.name('price')}" itemprop="price" content="${priceOf(model, page)}">€ ${priceOf(model, page)}</span>
<link itemprop="availability" href="https://schema.org/InStock"><button type="button">+</button>
</div>
<div class="${skin.name('description')}" itemprop="description">
${paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n')}
</div>
<h2>${lexiconOf(content.language).words.details}</h2>
<dl class="${skin.name('specs')}">${specs.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>
</div>`,
  };
}
