import { Marks, type Marker, frameOf, sentence, titleOf } from './page-frames.js';

/** A page that this file wrote, with the marks that its content must and must not have. */
export interface LabelledPage {
  readonly type: 'listing' | 'collection' | 'forum' | 'product' | 'service';
  readonly layout: string;
  readonly url: string;
  readonly html: string;
  readonly title: string;
  /** Marks of the content, in order. */
  readonly wanted: readonly string[];
  /** Marks of everything else. */
  readonly unwanted: readonly string[];
  /** Posts of a thread. */
  readonly posts?: number;
}

type Write = (mark: Marker, number: number) => string;

const repeat = (count: number, write: (number: number) => string): string =>
  Array.from({ length: count }, (_, number) => write(number)).join('\n');
const day = (number: number): string => `${3 + number} March 2026`;
const iso = (number: number): string => `2026-03-${String(3 + number).padStart(2, '0')}`;

const LISTINGS: Readonly<Record<string, Write>> = {
  'div cards': ({ yes, no }) =>
    `<div class="q1">${repeat(6, (n) => `<div class="q2"><div class="q3"><img src="/i/${n}.jpg" alt="Picture ${n}"></div><div><div>${yes('Town')} · ${day(n)}</div><h3><a href="/story/${n}">${yes(titleOf(n))}</a></h3><p>${yes(sentence(n))}</p><a href="/story/${n}">${no('Read more', true)}</a></div></div>`)}</div>`,
  'ul without headings': ({ yes }) =>
    `<ul class="x9">${repeat(7, (n) => `<li><a href="/n/${n}">${yes(titleOf(n))}</a><span>${yes(day(n))}</span><div>${yes(sentence(n))}</div></li>`)}</ul>`,
  'definition list': ({ yes }) =>
    `<dl>${repeat(6, (n) => `<dt><a href="/n/${n}">${yes(titleOf(n))}</a></dt><dd>${yes(sentence(n))}</dd>`)}</dl>`,
  'table rows': ({ yes }) =>
    `<table><thead><tr><th>Subject</th><th>Writer</th><th>Day</th></tr></thead><tbody>${repeat(8, (n) => `<tr><td><a href="/n/${n}">${yes(titleOf(n))}</a></td><td>${yes('Ada Marlow')}</td><td>${yes(day(n))}</td></tr>`)}</tbody></table>`,
  'cards in links': ({ yes }) =>
    `<section>${repeat(6, (n) => `<a class="z${n % 2}" href="/n/${n}"><img src="/i/${n}.png" alt=""><h2>${yes(titleOf(n))}</h2><p>${yes(sentence(n))}</p><time datetime="${iso(n)}">${yes(day(n))}</time></a>`)}</section>`,
  'flat headings': ({ yes }) =>
    repeat(
      6,
      (n) => `<h2><a href="/n/${n}">${yes(titleOf(n))}</a></h2><p>${yes(`By Ada Marlow on ${day(n)}`)}</p><p>${yes(sentence(n))}</p>`,
    ),
  'search results': ({ yes, no }) =>
    `<div>${no('Showing 1 to 10')}</div><div>${repeat(9, (n) => `<div><div><a href="https://other.example/${n}">${yes(titleOf(n))}</a></div><div>${yes('other.example')}</div><div>${yes(sentence(n))}</div></div>`)}</div><div><a href="?p=1">1</a> <a href="?p=2">2</a> <a href="?p=3">3</a> <a href="?p=4">${no('Next')}</a></div>`,
  'front page with sections': ({ yes }) =>
    ['Latest news', 'Culture', 'More from the harbor']
      .map(
        (name, part) =>
          `<div><h2>${yes(name)}</h2><div>${repeat(part === 0 ? 4 : 2, (n) => `<div><img src="/i/${part}${n}.jpg" alt="P"><h3><a href="/s/${part}${n}">${yes(titleOf(n + part * 3))}</a></h3><p>${yes(sentence(n))}</p></div>`)}</div></div>`,
      )
      .join('\n'),
};

const COLLECTIONS: Readonly<Record<string, Write>> = {
  'div grid': ({ yes, no }) =>
    `<div class="k1">${repeat(8, (n) => `<div class="k2"><a href="/lamp/${n}"><img src="/i/${n}.jpg" alt="Lamp"></a><div class="k3"><a href="/lamp/${n}">${yes(`Lamp ${titleOf(n)}`)}</a></div><div class="k4">${yes(`€${20 + n}.50`)}</div><button>${no('Add to cart', true)}</button></div>`)}</div>`,
  'ul with links to buy': ({ yes, no }) =>
    `<ul>${repeat(8, (n) => `<li><a href="/lamp/${n}"><img src="/i/${n}.jpg" alt="Lamp"><h2>${yes(titleOf(n))}</h2><span><del>${yes(`$${40 + n}.00`)}</del><ins>${yes(`$${30 + n}.00`)}</ins></span></a><a href="?add=${n}">${no('Add to cart', true)}</a></li>`)}</ul>`,
  'rows of columns': ({ yes }) =>
    repeat(
      3,
      (row) =>
        `<div class="r">${repeat(3, (n) => `<div class="c"><div><img src="/i/${row}${n}.jpg" alt="x"></div><div><h4><a href="/g/${row}${n}">${yes(titleOf(row * 3 + n))}</a></h4><div>${yes(sentence(n))}</div><footer>${yes(`£${9 + n}.99`)}</footer></div></div>`)}</div>`,
    ),
  'articles with ratings': ({ yes, no }) =>
    `<section>${repeat(6, (n) => `<article><figure><img src="/i/${n}.jpg" alt="x"></figure><h3><a href="/b/${n}">${yes(titleOf(n))}</a></h3><p>${yes(`£${10 + n}.77`)}</p><p>${yes('In stock')}</p><form><button>${no('Add to basket', true)}</button></form></article>`)}</section>`,
  'price table': ({ yes }) =>
    `<table>${repeat(7, (n) => `<tr><td><img src="/i/${n}.gif" alt="x"></td><td><a href="/p/${n}">${yes(titleOf(n))}</a><br>${yes(sentence(n))}</td><td>${yes(`${15 + n},00 €`)}</td></tr>`)}</table>`,
};

const signature = 'Sent from my rowing boat, have a calm day';
const THREADS: Readonly<Record<string, Write>> = {
  articles: ({ yes, no }) =>
    repeat(
      5,
      (n) =>
        `<article><header><b>${yes(`sailor_${n}`)}</b><span>Member</span> <time datetime="${iso(n)}">${yes(day(n))}</time></header><div><p>${yes(sentence(n))} ${sentence(n + 4)}</p>${n === 2 ? `<blockquote>${yes(sentence(1))}</blockquote><p>${yes('I agree with that, and more.')}</p>` : ''}</div><footer><a href="/r/${n}">${no('Reply', true)}</a> <a href="/q/${n}">${no('Quote', true)}</a></footer></article>`,
    ),
  'div soup with user column': ({ yes, no }) =>
    `<div class="aa">${repeat(5, (n) => `<div class="ab"><div class="ac"><div><a href="/u/${n}">${yes(`captain${n}`)}</a></div><div>Old hand</div><div>${no(`Posts: ${100 + n}`)}</div><div>${no('Joined: May 2019')}</div></div><div class="ad"><div><a href="#p${n}">${yes(`${day(n)}, 10:1${n}`)}</a></div><div>${yes(sentence(n))} ${sentence(n + 2)}</div><div>${yes(sentence(n + 5))}</div><hr><div>${no(`${signature}, captain ${n}`)}</div><div><a href="/reply/${n}">${no('Reply', true)}</a><a href="/report/${n}">${no('Report', true)}</a></div></div></div>`)}</div>`,
  'list of comments': ({ yes, no }) =>
    `<ul>${repeat(6, (n) => `<li><div><a href="/user/${n}">${yes(`mate-${n}`)}</a> <span>${yes(`${n + 2} hours ago`)}</span></div><div><p>${yes(sentence(n))}</p><p>${yes(sentence(n + 3))}</p></div><div><span>${no('Reply', true)}</span> <span>${no('Share', true)}</span></div></li>`)}</ul>`,
  'table rows': ({ yes, no }) =>
    `<table>${repeat(4, (n) => `<tr><td valign="top"><b>${yes(`bosun${n}`)}</b><br>Regular</td><td><small>${yes(day(n))}</small><br>${yes(sentence(n))} ${sentence(n + 1)}<br><br>${yes(sentence(n + 4))}<div><a href="/quote?p=${n}">${no('Quote', true)}</a></div></td></tr>`)}</table>`,
  'shared signatures': ({ yes, no }) =>
    `<div>${repeat(6, (n) => `<section><div><strong>${yes(`pilot${n % 2}`)}</strong><em>Moderator</em></div><div>${yes(day(n))}</div><div><p>${yes(sentence(n))} ${sentence(n + 6)}</p></div>${n % 2 === 0 ? `<div>${no('Calm seas to all who read this', true)}</div>` : ''}</section>`)}</div>`,
};

const related = ({ no }: Marker, heading: string): string =>
  `<div><h2>${no(heading)}</h2><div>${repeat(4, (n) => `<div><a href="/other/${n}"><img src="/o/${n}.jpg" alt="o"></a><a href="/other/${n}">${no(titleOf(n + 2))}</a><span>${no(`€${60 + n}.00`)}</span></div>`)}</div></div>`;
const about = ({ yes }: Marker): string =>
  `<div><h2>${yes('What it is')}</h2><p>${yes(sentence(1))} ${sentence(2)}</p><p>${yes(sentence(3))}</p></div>`;
const PRODUCTS: Readonly<Record<string, Write>> = {
  'div soup, table of facts': (mark) =>
    `<div class="m1"><div class="m2"><img src="/i/lamp.jpg" alt="Lamp"></div><div class="m3"><h1>Storm lamp number three</h1><div>${mark.yes('4.6 out of 5')} · 112 reviews</div><div>${mark.yes('€64.50')}</div><div>${mark.yes('In stock')}</div><button>${mark.no('Add to cart', true)}</button></div></div>${about(mark)}<div><h2>${mark.yes('Facts')}</h2><table><tr><th>Height</th><td>${mark.yes('265 mm')}</td></tr><tr><th>Tank</th><td>${mark.yes('340 ml')}</td></tr></table></div>${related(mark, 'Goes well with')}`,
  'definition list, reviews': (mark) =>
    `<section><h1>Storm lamp number three</h1><p>${mark.yes('$64.50')}</p><p>${mark.yes('Out of stock')}</p><a href="#buy">${mark.no('Add to basket', true)}</a></section>${about(mark)}<dl><dt>Height</dt><dd>${mark.yes('265 mm')}</dd><dt>Tank</dt><dd>${mark.yes('340 ml')}</dd></dl><div><h2>${mark.yes('What buyers say')}</h2>${repeat(3, (n) => `<div><b>${mark.yes(`Buyer ${n}`)}</b> <span>${day(n)}</span><p>${mark.yes(sentence(n))}</p></div>`)}</div>${related(mark, 'You may also like')}`,
  'list of facts': (mark) =>
    `<div><div><img src="/i/lamp.jpg" alt="Lamp"></div><h1>Storm lamp number three</h1><div><span>${mark.yes('£64.50')}</span></div><form><select><option>Red</option></select><input type="submit" value="Buy now"></form></div><ul><li>${mark.yes('Height: 265 mm')}</li><li>${mark.yes('Tank: 340 ml')}</li></ul>${about(mark)}${related(mark, 'Customers also bought')}`,
};

const SERVICES: Readonly<Record<string, Write>> = {
  sections: ({ yes, no }) =>
    `<section><h1>Roof repairs on the coast</h1><p>${yes(sentence(0))}</p><a href="/q">${no('Get a free quote', true)}</a></section>${repeat(4, (n) => `<section><h2>${yes(titleOf(n))}</h2><p>${yes(sentence(n))} ${sentence(n + 1)}</p></section>`)}<section><h2>${yes('Prices')}</h2><table><tr><th>Small roof</th><td>${yes('from €900')}</td></tr><tr><th>Large roof</th><td>${yes('from €2,400')}</td></tr></table></section><div><a href="/c">${no('Contact us today', true)}</a></div>`,
  'div soup with boxes': ({ yes, no }) =>
    `<div><h1>Roof repairs on the coast</h1><div>${yes(sentence(0))}</div><div><a class="b" href="/q">${no('Book now', true)}</a></div></div><div>${repeat(3, (n) => `<div><img src="/i/${n}.svg" alt=""><h3>${yes(titleOf(n))}</h3><p>${yes(sentence(n))}</p><a href="/s/${n}">${no('Learn more', true)}</a></div>`)}</div><div><h2>${yes('How we work')}</h2><ol>${repeat(3, (n) => `<li>${yes(sentence(n + 2))}</li>`)}</ol></div><form><h3>${no('Ask us')}</h3><label>${no('Name')}</label><input><button>Send</button></form>`,
};

const HEAD: Readonly<Record<LabelledPage['type'], string>> = {
  listing: 'Notes from the harbor',
  collection: 'Lamps and lanterns',
  forum: 'Which anchor for sand',
  product: 'Storm lamp number three',
  service: 'Roof repairs on the coast',
};

/** Every layout of every type in every frame. */
export function labelledPages(): LabelledPage[] {
  const all = { listing: LISTINGS, collection: COLLECTIONS, forum: THREADS, product: PRODUCTS, service: SERVICES } as const;
  const pages: LabelledPage[] = [];
  for (const type of Object.keys(all) as LabelledPage['type'][]) {
    for (const [name, write] of Object.entries(all[type])) {
      for (const frame of ['semantic', 'soup', 'table'] as const) {
        const marks = new Marks();
        const title = HEAD[type];
        const content = write(marks, 0);
        const ownsHeadline = content.includes('<h1>');
        const html = frameOf(frame, { marks, title, content: ownsHeadline ? content : `<h1>${title}</h1>\n${content}` });
        const posts = type === 'forum' ? { posts: (content.match(/<article>|class="ab"|<li>|<tr>|<section>/g) ?? []).length } : {};
        pages.push({ type, layout: `${name}, ${frame}`, url: 'https://harbor.example/x/page-7', html, title, ...marks.lists(), ...posts });
      }
    }
  }
  return pages;
}

/** Whether a line, or its end, is the words of a button. */
function isSteering(part: string, buttons: ReadonlySet<string>): boolean {
  const words = part.trim();
  return [...buttons].some((button) => words === button || words.startsWith(`${button} `) || words.endsWith(` ${button}`));
}

export interface MarkScore {
  readonly precision: number;
  readonly recall: number;
  /** Wanted marks stand in their order, each once. */
  readonly inOrder: boolean;
}

/** Precision and recall over marks: a wanted mark that stands twice counts as one too many. */
export function scoreMarks(page: LabelledPage, text: string): MarkScore {
  const buttons = new Set(page.unwanted.filter((mark) => !/^not\d+x$/.test(mark)));
  const steering = text
    .split('\n')
    .flatMap((line) => line.split(/\s{2,}|[\t|·]/))
    .filter((part) => isSteering(part, buttons));
  const found = [...(text.match(/\b(?:yes|not)\d+x/g) ?? []), ...steering];
  const wanted = new Set(page.wanted);
  const unique = [...new Set(found)].filter((mark) => wanted.has(mark));
  return {
    precision: found.length === 0 ? 0 : unique.length / found.length,
    recall: unique.length / wanted.size,
    inOrder: found.filter((mark) => wanted.has(mark)).join() === page.wanted.filter((mark) => unique.includes(mark)).join(),
  };
}
