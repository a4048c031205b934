import { Body, Controller, Post } from '@nestjs/common'
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../../common/principal.js'
import { CreateTokenBody, Token } from './tokens.dto.js'
import { TokensService } from './tokens.service.js'

@ApiTags('Me')
@Controller('v1/me/tokens')
export class TokensController {
  constructor(private readonly tokens: TokensService) {}

  @Post()
  @Access('any')
  @ApiOperation({
    summary: 'A token for a browser, in place of the key',
    description:
      'Signed, narrower than its key and good for an hour at most: for pages and embedded charts, whose source anybody can ' +
      'read. It is sent as a key is and may only query (`/v1/query`, `/v1/datasets`, `/v1/endpoints`) and read `/v1/me` and ' +
      '`/v1/me/usage`; the rest is 403. It shares the credits and rate limits of its key, has half of that rate for itself, ' +
      'and ends with it: when the key or its user is revoked, disabled, expired or deleted, within a second on all instances.',
  })
  @ApiCreatedResponse({ type: Token })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'RATE_LIMITED')
  issue(@CurrentPrincipal() principal: Principal, @Body() body: CreateTokenBody): Promise<Token> {
    return this.tokens.issue(principal, body)
  }
}
