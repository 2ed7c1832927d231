import { z } from 'zod';

export const CheckSchema = z
  .object({ status: z.enum(['ok', 'failed']), latencyMs: z.number(), reason: z.string().optional() })
  .meta({ id: 'Check' });

export const LiveSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Live' });

export const ReadySchema = z
  .object({
    status: z.enum(['ok', 'failed']),
    checks: z.object({ database: CheckSchema, temporal: CheckSchema, blobs: CheckSchema, queues: CheckSchema }),
  })
  .meta({ id: 'Ready' });

export type CheckView = z.infer<typeof CheckSchema>;
export type ReadyView = z.infer<typeof ReadySchema>;
