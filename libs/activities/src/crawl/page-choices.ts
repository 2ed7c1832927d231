import {
  type CrawlLedger,
  type CrawlPlan,
  type KnownAnswer,
  type KnownDocument,
  type LeasedPage,
  type PageTemplates,
  type ShapeTemplate,
  type TemplateKey,
  embedsAtLeast,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';

/** What can serve a page: the thread, which sees what it is built of, chooses. */
export interface Choice {
  /** Key of the address shape. */
  readonly shape: TemplateKey;
  readonly templates: readonly ShapeTemplate[];
  /** The document of an earlier visit that stays where the page says the same. */
  readonly earlier: KnownDocument | null;
  /** The body is the one that it was made from. */
  readonly isSameBody: boolean;
}

export interface ChoiceDeps {
  readonly ledger: Pick<CrawlLedger, 'known'>;
  readonly pageTemplates: Pick<PageTemplates, 'ofShapes'>;
  /** An embedding model is configured. */
  readonly hasEmbedder: boolean;
}

/** What the pages are asked for: its fingerprint (null: nothing), and whether a model can be asked for the rest. */
export interface Asking {
  readonly key: string | null;
  readonly hasModel: boolean;
}

/** What can serve each page: the templates of its address shape, looked up once for all pages. */
export async function choicesOf(
  { ledger, pageTemplates, hasEmbedder }: ChoiceDeps,
  { settings, ownerId }: CrawlPlan,
  pages: readonly LeasedPage[],
  asking: Asking,
): Promise<ReadonlyMap<string, Choice>> {
  const shapes = new Map(pages.flatMap(({ key, snapshot }) => (snapshot === null ? [] : [[key, templateKeyOf(snapshot.finalUrl)]])));
  const [templates, stored] = await Promise.all([
    pageTemplates.ofShapes([...new Map([...shapes.values()].map((shape) => [shape.templateId, shape])).values()]),
    settings.refresh ? ledger.known(ownerId, [...shapes.keys()]) : [],
  ]);
  const wanted = wantedEmbedding(settings, hasEmbedder);
  const documents = new Map(
    stored
      .filter(({ embedding, asked }) => embedsAtLeast(embedding, wanted) && answersTheSame(asked, asking))
      .map((document) => [document.key, document]),
  );
  const choices = new Map<string, Choice>();
  for (const { key, snapshot } of pages) {
    const shape = shapes.get(key);
    if (shape === undefined) continue;
    const earlier = documents.get(key) ?? null;
    const isSameBody = earlier !== null && earlier.snapshotHash === snapshot?.body.hash;
    choices.set(key, { shape, templates: templates.get(shape.templateId) ?? [], earlier, isSameBody });
  }
  return choices;
}

function wantedEmbedding({ embed }: CrawlPlan['settings'], hasEmbedder: boolean): KnownDocument['embedding'] {
  if (!embed) return 'none';
  return hasEmbedder ? 'vector' : 'lexical';
}

/** Asked for the same, and no model is there that was not asked then. */
function answersTheSame(known: KnownAnswer | null, { key, hasModel }: Asking): boolean {
  if (known === null || key === null) return known === null && key === null;
  return known.key === key && (known.isSettled || !hasModel);
}
