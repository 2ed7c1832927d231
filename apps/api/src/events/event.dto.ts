import { EVENT_TYPES, STAGES } from '@gleaner/domain';
import { z } from 'zod';
import { MAX_SEQUENCE } from '../http/request-headers.js';
import { CountsSchema, FailureSchema } from '../jobs/job.dto.js';

export const JobEventSchema = z
  .object({
    seq: z.int().min(1).meta({ description: '1, 2, 3 … without a gap, per job' }),
    at: z.iso.datetime(),
    type: z.enum(EVENT_TYPES),
    job: z.string(),
    stage: z.enum(STAGES).optional(),
    url: z.string().optional(),
    counts: CountsSchema.optional(),
    message: z.string().optional(),
    error: FailureSchema.optional(),
  })
  .meta({ id: 'JobEvent', description: 'What happened; exactly one final event per job: job.completed, job.failed or job.cancelled' });

export const EventsQuerySchema = z.strictObject({
  after: z.coerce
    .number<string>()
    .int()
    .min(0)
    .max(MAX_SEQUENCE)
    .optional()
    .meta({ description: 'Sequence number to resume after; wins over Last-Event-ID' }),
});

export type EventsQuery = z.infer<typeof EventsQuerySchema>;
