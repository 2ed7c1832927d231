import { z } from 'zod';
import { LimitsSchema, UserIdSchema } from '../users/user.dto.js';

const count = z.int().min(0);

export const UsageSchema = z
  .object({
    ownerId: UserIdSchema,
    name: z.string(),
    limits: LimitsSchema,
    jobs: z.object({ total: count, today: count, running: count.meta({ description: 'Not final' }) }),
    pagesToday: count.meta({ description: 'Pages that the jobs of today (UTC) asked for' }),
    modelsToday: z
      .object({ calls: count, callsAvoided: count, tokens: count, costUsd: z.number() })
      .meta({ description: 'Of the jobs that were started today (UTC)' }),
  })
  .meta({ id: 'Usage', description: 'What an owner used' });

export const UsageListSchema = z.object({ items: z.array(UsageSchema), next: z.string().nullable() }).meta({ id: 'UsageList' });
