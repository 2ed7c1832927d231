import { MODEL_PROVIDERS, MODEL_ROLES, QUEUES } from '@gleaner/domain';
import { z } from 'zod';

const count = z.int().min(0);

const PoolSchema = z
  .object({
    queue: z.enum(QUEUES),
    pollers: z
      .array(z.object({ identity: z.string(), lastAccessAt: z.iso.datetime().nullable() }))
      .nullable()
      .meta({ description: 'Who asked for work in the last minutes; null when Temporal does not say' }),
    slots: z
      .object({ used: count, available: count })
      .nullable()
      .meta({ description: 'Of the workers that report them; null when none does' }),
    backlog: count.nullable().meta({ description: 'Tasks that wait, approximately' }),
    backlogAgeSeconds: z.number().nullable(),
    tasksAddedPerSecond: z.number().nullable(),
    tasksDispatchedPerSecond: z.number().nullable(),
  })
  .meta({ id: 'Pool' });

export const SystemSchema = z
  .object({
    versions: z.object({
      gleaner: z.string(),
      node: z.string(),
      temporal: z.string().nullable().meta({ description: 'Of the server; null when it does not answer' }),
      postgresql: z.string().nullable().meta({ description: 'null when the database does not answer' }),
      pgvector: z.string().nullable(),
    }),
    pools: z.array(PoolSchema),
    models: z
      .array(
        z.object({
          role: z.enum(MODEL_ROLES),
          provider: z.enum(MODEL_PROVIDERS),
          model: z.string(),
          configured: z.boolean().meta({ description: 'false: it is named, but its key or address is not set; the next one is asked' }),
        }),
      )
      .meta({ description: 'By role, in the order in which they are asked. Empty: everything works without' }),
    limits: z.object({
      owners: z
        .object({ requestsPerMinute: count, runningJobs: count, pagesPerDay: count })
        .meta({ description: 'Of every owner for whom nothing else was set; 0: no limit' }),
      pages: z.object({ maxBytes: count, maxRedirects: count, fetchTimeoutMs: count, renderTimeoutMs: count }),
    }),
  })
  .meta({ id: 'System' });

export type SystemView = z.infer<typeof SystemSchema>;
export type PoolView = z.infer<typeof PoolSchema>;
