import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataPlane } from '../data-plane/data-plane.js';
import { openaiEndpoints } from './endpoints.js';

/** The OpenAI wire format. Bodies are forwarded as they come; see OpenAI's API reference for their fields. */
@ApiTags('OpenAI')
@ApiBearerAuth()
@Controller('v1')
export class OpenAiController {
  constructor(private readonly dataPlane: DataPlane) {}

  @Post('chat/completions')
  @ApiOperation({ summary: 'Create a chat completion, plain or streamed' })
  chatCompletions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.chatCompletions, request, reply);
  }

  @Post('completions')
  @ApiOperation({ summary: 'Create a completion (legacy)' })
  completions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.completions, request, reply);
  }

  @Post('responses')
  @ApiOperation({ summary: 'Create a response, plain or streamed' })
  responses(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.responses, request, reply);
  }

  @Post('embeddings')
  @ApiOperation({ summary: 'Create embeddings' })
  embeddings(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.embeddings, request, reply);
  }

  @Post('moderations')
  @ApiOperation({ summary: 'Classify content' })
  moderations(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.moderations, request, reply);
  }

  @Post('images/generations')
  @ApiOperation({ summary: 'Create images' })
  imageGenerations(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.imageGenerations, request, reply);
  }

  @Post('audio/speech')
  @ApiOperation({ summary: 'Turn text into speech' })
  speech(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.speech, request, reply);
  }

  @Post('audio/transcriptions')
  @ApiOperation({ summary: 'Turn speech into text' })
  transcriptions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.dataPlane.serve(openaiEndpoints.transcriptions, request, reply);
  }
}
