import type {
  CrawlLedger,
  CrawlPlan,
  KnownAnswer,
  KnownDocument,
  LeasedPage,
  TemplateKey,
  TemplateStore,
  TemplateVersion,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';

/** What serves a page. Plain data. */
export interface Serving {
  readonly template: TemplateKey;
  /** The version is out of service, and nobody seems to be learning another. */
  readonly isOverdue: boolean;
  readonly version: TemplateVersion | null;
  readonly isUnknown: boolean;
  readonly templateId: string;
  readonly shape: string;
  /** The document of an earlier visit that the page would give again. */
  readonly sameAs: KnownDocument | null;
}

export interface ServingDeps {
  readonly ledger: Pick<CrawlLedger, 'known'>;
  readonly templates: Pick<TemplateStore, 'find'>;
}

/** What the pages are asked for: its fingerprint (null: nothing), and whether a model can be asked for the rest. */
export interface Asking {
  readonly key: string | null;
  readonly hasModel: boolean;
}

/** What serves each page: the active version of its template, looked up once for each template. */
export async function servingsOf(
  { ledger, templates }: ServingDeps,
  { settings, ownerId }: CrawlPlan,
  pages: readonly LeasedPage[],
  asking: Asking,
): Promise<ReadonlyMap<string, Serving>> {
  const keys = pages.map(({ key }) => key);
  const stored = settings.refresh ? await ledger.known(ownerId, keys) : [];
  const documents = new Map(stored.map((document) => [document.key, document]));
  const states = new Map<string, ReturnType<TemplateStore['find']>>();
  const servings = new Map<string, Serving>();
  for (const { key, snapshot } of pages) {
    if (snapshot === null) continue;
    const template = templateKeyOf(snapshot.finalUrl);
    const found = states.get(template.templateId) ?? templates.find(template);
    states.set(template.templateId, found);
    const state = await found;
    const version = state.kind === 'active' ? state.version : null;
    const document = documents.get(key);
    // Same body, made by what would make it today: extracting it again would give the same.
    const isSame =
      document?.snapshotHash === snapshot.body.hash &&
      document.templateVersion === (version?.version ?? null) &&
      answersTheSame(document.asked, asking);
    servings.set(key, {
      template,
      isOverdue: state.kind === 'quarantined' && state.isOverdue,
      version,
      isUnknown: state.kind === 'unknown',
      templateId: template.templateId,
      shape: template.shape,
      sameAs: isSame ? document : null,
    });
  }
  return servings;
}

/** Asked for the same, and no model is there that was not asked then. */
function answersTheSame(known: KnownAnswer | null, { key, hasModel }: Asking): boolean {
  if (known === null || key === null) return known === null && key === null;
  return known.key === key && (known.isSettled || !hasModel);
}
