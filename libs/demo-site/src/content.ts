import { readFile, readdir } from 'node:fs/promises';

const CONTENT = new URL('../content/', import.meta.url);

/** A content file: what its head says, and the HTML below it. The file's name is its slug. */
export type Entry<Head> = Head & { readonly slug: string; readonly html: string };

export interface ArticleHead {
  readonly title: string;
  readonly standfirst: string;
  readonly authors: readonly string[];
  readonly published: string;
  readonly modified: string;
  readonly section: string;
  readonly image: string;
  readonly imageAlt: string;
  readonly caption: string;
  readonly tags: readonly string[];
}

export interface GuideHead {
  readonly title: string;
  readonly summary: string;
  readonly updated: string;
  readonly order: number;
}

export interface Product {
  readonly name: string;
  readonly order: number;
  readonly sku: string;
  readonly price: string;
  readonly currency: string;
  readonly availability: 'InStock' | 'PreOrder';
  readonly stock: string;
  readonly rating: number;
  readonly reviews: number;
  readonly image: string;
  readonly imageAlt: string;
  readonly summary: string;
  readonly paragraphs: readonly string[];
  readonly specs: readonly (readonly [string, string])[];
}

export interface Thread {
  readonly title: string;
  readonly board: string;
  readonly posts: readonly { readonly author: string; readonly role: string; readonly at: string; readonly body: readonly string[] }[];
}

/** The stored parts of the site; the files are the project's own and are trusted. */
export interface Content {
  readonly articles: readonly Entry<ArticleHead>[];
  readonly guides: readonly Entry<GuideHead>[];
  readonly products: readonly (Product & { readonly slug: string })[];
  readonly threads: readonly (Thread & { readonly slug: string })[];
  readonly french: Entry<ArticleHead>;
  readonly about: Entry<{ readonly title: string }>;
  /** Path → body. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export async function loadContent(): Promise<Content> {
  const articles = await fragments<ArticleHead>('news/');
  const guides = await fragments<GuideHead>('handbook/');
  const products = await records<Product>('shop/');
  return {
    articles: articles.toSorted((a, b) => b.published.localeCompare(a.published)),
    guides: guides.toSorted((a, b) => a.order - b.order),
    products: products.toSorted((a, b) => a.order - b.order),
    threads: await records<Thread>('forum/'),
    french: await fragment<ArticleHead>('la-rade.html'),
    about: await fragment<{ title: string }>('about.html'),
    files: new Map([...(await files('assets/')), ...(await files('images/'))]),
  };
}

async function fragments<Head>(folder: string): Promise<Entry<Head>[]> {
  return Promise.all((await readdir(new URL(folder, CONTENT))).map((name) => fragment<Head>(folder + name)));
}

async function fragment<Head>(path: string): Promise<Entry<Head>> {
  const [, head, html] = /^---\n([^]*?)\n---\n([^]*)$/.exec(await readFile(new URL(path, CONTENT), 'utf8')) ?? [];
  if (head === undefined || html === undefined) throw new Error(`${path} has no head between two lines of ---`);
  return { ...(JSON.parse(head) as Head), slug: slugOf(path), html };
}

async function records<T extends object>(folder: string): Promise<(T & { slug: string })[]> {
  const names = await readdir(new URL(folder, CONTENT));
  return Promise.all(
    names.map(async (name) => {
      const record = JSON.parse(await readFile(new URL(folder + name, CONTENT), 'utf8')) as T;
      return Object.assign(record, { slug: slugOf(name) });
    }),
  );
}

async function files(folder: string): Promise<[string, Buffer][]> {
  const names = await readdir(new URL(folder, CONTENT));
  return Promise.all(
    names.map(async (name): Promise<[string, Buffer]> => [`/${folder}${name}`, await readFile(new URL(folder + name, CONTENT))]),
  );
}

function slugOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.\w+$/, '');
}
