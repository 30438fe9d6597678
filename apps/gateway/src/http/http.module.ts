import { Module } from '@nestjs/common';
import { RoutesController } from './admin/routes/routes.controller.js';
import { AnthropicController } from './anthropic/anthropic.controller.js';
import { AnswerWriter } from './data-plane/answer-writer.js';
import { CallMetrics } from './data-plane/call-metrics.js';
import { DataPlane } from './data-plane/data-plane.js';
import { ModelsController } from './data-plane/models.controller.js';
import { OpenCalls } from './data-plane/open-calls.js';
import { GeminiController } from './gemini/gemini.controller.js';
import { OpenAiController } from './openai/openai.controller.js';
import { OperationsController } from './operations/operations.controller.js';
import { Readiness } from './operations/readiness.js';

/** Everything that speaks HTTP. */
@Module({
  controllers: [
    OpenAiController,
    AnthropicController,
    GeminiController,
    ModelsController,
    OperationsController,
    RoutesController,
  ],
  providers: [DataPlane, AnswerWriter, CallMetrics, OpenCalls, Readiness],
})
export class HttpModule {}
