import { ApiProperty } from '@nestjs/swagger';
import { PageDto } from '../paging.dto.js';

/** One line of an account's timeline. */
export class TimelineEventDto {
  @ApiProperty()
  id: string;

  @ApiProperty()
  accountId: string;

  @ApiProperty()
  at: Date;

  @ApiProperty({ example: 'machine_state' })
  kind: string;

  @ApiProperty({ type: String, nullable: true })
  model: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'closed' })
  from: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'cooling' })
  to: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'openai.rate_limit' })
  rule: string | null;

  @ApiProperty({ type: String, nullable: true })
  cause: string | null;

  @ApiProperty({ type: String, nullable: true })
  callId: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Who did it; null for the machine' })
  actor: string | null;
}

/** A page of a timeline. */
export class TimelinePageDto extends PageDto {
  @ApiProperty({ type: [TimelineEventDto] })
  data: TimelineEventDto[];
}
