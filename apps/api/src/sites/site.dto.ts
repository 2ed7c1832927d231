import { z } from 'zod';

const time = z.iso.datetime();
const pageType = z.enum(['article', 'documentation', 'forum', 'product', 'listing', 'collection', 'service', 'other']);

const SiteSchema = z
  .object({
    host: z.string().meta({ examples: ['example.com'] }),
    templates: z.int(),
    needsBrowser: z.boolean().meta({ description: 'Pages of this site are empty without a browser' }),
    updatedAt: time,
  })
  .meta({ id: 'Site' });

const TemplateSchema = z
  .object({
    site: z.string(),
    templateId: z.string().meta({ examples: ['tpl_5f2c9a'] }),
    shape: z.string().meta({ description: 'Paths that the template serves', examples: ['/news/*'] }),
    type: pageType.nullable().meta({ description: 'What its pages are: tells templates of one shape apart; null when no version serves' }),
    activeVersion: z.int().nullable().meta({ description: 'null when learning gave nothing reliable' }),
    versions: z.int(),
    unlearnableReason: z.string().nullable(),
    quarantineReason: z.string().nullable().meta({ description: 'Why the version is out of service until learning has decided' }),
    updatedAt: time,
  })
  .meta({ id: 'Template' });

const RuleSchema = z
  .object({ selector: z.string(), attribute: z.string().optional(), evidence: z.enum(['label', 'name', 'structure', 'structured-data']) })
  .meta({ id: 'SelectorRule' });

export const TemplateVersionSchema = z
  .object({
    site: z.string(),
    templateId: z.string(),
    shape: z.string(),
    version: z.int(),
    state: z.enum(['candidate', 'active', 'retired', 'rejected']),
    pinned: z.boolean().meta({ description: 'A person wants it to serve: learning never puts another in its place' }),
    config: z.object({
      content: z.array(RuleSchema),
      exclude: z.array(z.string()),
      fields: z.record(z.string(), z.array(RuleSchema)),
      asked: z.record(z.string(), z.string()).optional().meta({ description: 'Those of the fields that jobs asked for, with their types' }),
      unlearned: z.array(z.string()).optional().meta({ description: 'What jobs asked for and no rule was found for' }),
      type: pageType,
      fingerprint: z.object({ minChars: z.number(), medianChars: z.number(), maxChars: z.number() }),
    }),
    scores: z
      .object({ mean: z.number(), min: z.number(), pagesLearned: z.int(), pagesHeldOut: z.int() })
      .meta({ description: 'Agreement on pages that were not learned from, 0 to 1' }),
    author: z.enum(['heuristic', 'model']),
    model: z.string().nullable(),
    costUsd: z.number(),
    sampleUrls: z.array(z.string()),
    createdAt: time,
  })
  .meta({ id: 'TemplateVersion' });

export const SiteListSchema = z.object({ items: z.array(SiteSchema), next: z.string().nullable() }).meta({ id: 'SiteList' });
export const SiteDetailSchema = SiteSchema.omit({ templates: true })
  .extend({ templates: z.array(TemplateSchema) })
  .meta({ id: 'SiteDetail' });
export const TemplateListSchema = z.object({ items: z.array(TemplateSchema), next: z.null() }).meta({ id: 'TemplateList' });
export const VersionListSchema = z.object({ items: z.array(TemplateVersionSchema), next: z.null() }).meta({ id: 'TemplateVersionList' });

export const SiteListQuerySchema = z.strictObject({
  cursor: z.string().min(1).max(512).optional().meta({ description: '`next` of the list before' }),
  limit: z.coerce.number<string>().int().min(1).max(200).default(50),
});

export type SiteListQuery = z.infer<typeof SiteListQuerySchema>;
