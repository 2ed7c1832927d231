import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { TemporalHealth } from './temporal-health.service.js';
import { Readiness } from './readiness.service.js';

@Module({ controllers: [HealthController], providers: [Readiness, TemporalHealth] })
export class HealthModule {}
