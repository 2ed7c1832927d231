/** Shapes of what clients send. Parsed at the edge, trusted inside; kept apart so that no workflow bundle carries zod. */
import { z } from 'zod';
import { urlProblem } from './url.js';

const pageUrl = z
  .string()
  .superRefine((value, context) => {
    const problem = urlProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ description: 'Absolute http or https URL', format: 'uri', maxLength: 8192, examples: ['https://example.com/news/1'] });

const render = z.enum(['auto', 'never', 'always']).meta({ description: 'auto: HTTP first, the browser where the page needs it' });

export const ExtractInputSchema = z
  .strictObject({
    url: pageUrl,
    render: render.optional(),
    fresh: z.boolean().optional().meta({ description: 'Fetch anew, without conditional requests' }),
    embed: z.boolean().optional().meta({ description: 'false leaves out chunks and embeddings' }),
  })
  .meta({ id: 'ExtractInput' });

export const LearnInputSchema = z
  .strictObject({
    url: pageUrl,
    render: render.optional(),
    fresh: z.boolean().optional().meta({ description: 'Learn again even when the template is known' }),
  })
  .meta({ id: 'LearnInput' });

const label = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.:-]+$/, 'may have letters, digits and _ . : -');

const common = {
  priority: z.int().min(1).max(5).optional().meta({ description: '1 is served first; default 3' }),
  labels: z.array(label).max(20).optional(),
};

export const JobRequestSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('extract'), input: ExtractInputSchema, ...common }),
    z.strictObject({ kind: z.literal('learn'), input: LearnInputSchema, ...common }),
  ])
  .meta({ id: 'JobRequest' });

export const JobChangeSchema = z
  .strictObject({
    options: z
      .strictObject(common)
      .meta({ description: 'What a running job can still change: the priority of the stages to come, and its labels (all of them)' }),
  })
  .meta({ id: 'JobChange', examples: [{ options: { priority: 1, labels: ['news', 'urgent'] } }] });

export type JobChangeRequest = z.infer<typeof JobChangeSchema>;

export type JobRequest = z.infer<typeof JobRequestSchema>;
