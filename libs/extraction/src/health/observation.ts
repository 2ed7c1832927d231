export type { TemplateObservation as Observation } from '@gleaner/domain';
