import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { QueuePollers } from './queue-pollers.service.js';
import { Readiness } from './readiness.service.js';

@Module({ controllers: [HealthController], providers: [Readiness, QueuePollers] })
export class HealthModule {}
