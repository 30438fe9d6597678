import { ApiProperty } from '@nestjs/swagger';

/** One model of an account. */
class ListedModelDto {
  @ApiProperty({ example: 'gpt-4o-mini' })
  name: string;

  @ApiProperty({ description: 'Whether the rules of the account let it serve the model.' })
  allowed: boolean;
}

/** What an account can serve. */
export class AccountModelsDto {
  @ApiProperty({ type: [ListedModelDto], description: 'As the provider listed them last; empty until then.' })
  models: ListedModelDto[];

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When they were read.' })
  readAt: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'openai.invalid_api_key',
    description: 'Why the last reading failed, a rule id; null when it went well.',
  })
  fault: string | null;
}
