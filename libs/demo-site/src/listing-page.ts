import type { Content } from './content.js';
import { escape, longDate } from './html.js';
import type { PageParts } from './layout.js';

interface Card {
  readonly href: string;
  readonly title: string;
  readonly text: string;
  readonly kicker: string;
  readonly image?: string;
  readonly alt?: string;
}

/** The home page and one listing for each section. */
export function listingPages(content: Content): PageParts[] {
  const news = newsCards(content);
  const guides = content.guides.map(({ slug, title, summary }): Card => ({
    href: `/handbook/${slug}`,
    title,
    text: summary,
    kicker: 'Handbook',
  }));
  const goods = productCards(content);
  const threads = content.threads.map(({ slug, title, board, posts }): Card => ({
    href: `/forum/${slug}`,
    title,
    text: `${posts.length} posts`,
    kicker: board,
  }));
  return [
    {
      path: '/',
      title: 'Front page',
      description: 'News, tides and useful things from a harbor town that does not exist.',
      hasSide: false,
      main: [
        '<h1>This week in Skerryvane</h1>',
        grid(news, 'cards lead'),
        section('Handbook', guides),
        section('From the chandlery', goods),
        section('Also', [...singleCards(content), ...threads]),
      ].join('\n'),
    },
    listing('/news/', 'News', 'What happened on the quay, in the council and at the foot of the lighthouse.', news),
    listing('/handbook/', 'Handbook', 'How to read the instruments of the harbor from your own programs.', guides),
    listing('/shop/', 'Shop', 'Useful things from the chandlery below our office.', goods),
    listing('/forum/', 'Forum', 'Questions from the water, answers from people who have been there.', threads),
  ];
}

function newsCards(content: Content): Card[] {
  return content.articles.map((article) => ({
    href: `/news/${article.slug}`,
    title: article.title,
    text: article.standfirst,
    kicker: `${article.section} · ${longDate(article.published)}`,
    image: article.image,
    alt: article.imageAlt,
  }));
}

function productCards(content: Content): Card[] {
  return content.products.map((product) => ({
    href: `/shop/${product.slug}`,
    title: product.name,
    text: product.summary,
    kicker: `€ ${product.price}`,
    image: product.image,
    alt: product.imageAlt,
  }));
}

/** Pages that stand alone. */
function singleCards({ french }: Content): Card[] {
  const board = 'High and low water for the week, written anew every morning.';
  return [
    { href: '/live/tides', title: 'Tide board for the north mole', text: board, kicker: 'Live' },
    { href: '/fr/la-rade', title: french.title, text: french.standfirst, kicker: french.section },
  ];
}

function listing(path: string, title: string, description: string, cards: readonly Card[]): PageParts {
  const main = `<h1>${title}</h1>\n<p class="standfirst">${description}</p>\n${grid(cards)}`;
  return { path, title, description, hasSide: false, main };
}

function section(title: string, cards: readonly Card[]): string {
  return `<section>\n<h2 class="section-title">${title}</h2>\n${grid(cards)}\n</section>`;
}

function grid(cards: readonly Card[], style = 'cards'): string {
  return `<div class="${style}">\n${cards.map(cardHtml).join('\n')}\n</div>`;
}

function cardHtml({ href, title, text, kicker, image, alt = '' }: Card): string {
  const picture = image === undefined ? '' : `<img src="/images/${image}" alt="${escape(alt)}" loading="lazy">\n`;
  return `<section class="card">
${picture}<div>
<p class="kicker">${escape(kicker)}</p>
<h3><a href="${href}">${escape(title)}</a></h3>
<p>${escape(text)}</p>
</div>
</section>`;
}
