import { Body, Controller, Get, Module, Post, type Type } from '@nestjs/common'
import { DiscoveryModule } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import { Access } from '../../common/decorators/access.decorator.js'
import { Charged } from '../../credits/charged.decorator.js'
import type { RequestPricing } from '../../credits/request-pricing.js'
import { Idempotent } from '../../idempotency/idempotent.decorator.js'
import { RoutePolicies } from './route-policies.js'

@Controller('open')
class OpenController {
  @Get()
  @Access('public')
  read(): void {}

  @Post('ask')
  @Access('any')
  ask(): void {}

  @Get('users')
  @Access('admin')
  users(): void {}

  /** no route */
  helper(): void {}
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  read(): void {}
}

@Controller('unaudited')
class UnauditedController {
  @Post()
  @Access('admin')
  change(): void {}
}

const pricing = class {} as unknown as Type<RequestPricing>

@Controller('checked-late')
class CheckedLateController {
  @Post()
  @Access('any')
  @Charged(pricing)
  buy(@Body() body: object): object {
    return body
  }
}

@Controller('key-kept')
class KeyKeptController {
  @Post()
  @Access('any')
  @Idempotent({ transaction: false })
  send(): void {}
}

async function start(...controllers: Type[]): Promise<void> {
  @Module({ controllers })
  class Routes {}
  const testing = Test.createTestingModule({ imports: [DiscoveryModule, Routes], providers: [RoutePolicies] })
  await (await testing.compile()).init()
}

describe('the check of policies at start', () => {
  it('passes routes that say who may call them, and admin actions that are audited', async () => {
    await expect(start(OpenController)).resolves.toBeUndefined()
  })

  it('refuses a route without @Access()', async () => {
    await expect(start(OpenController, ForgottenController)).rejects.toThrow(
      'ForgottenController.read has no access policy: put @Access() on it',
    )
  })

  it('refuses an admin action that is not audited', async () => {
    await expect(start(UnauditedController)).rejects.toThrow('UnauditedController.change is not audited')
  })

  it('refuses a charged route whose DTO is checked behind the charge', async () => {
    await expect(start(CheckedLateController)).rejects.toThrow('CheckedLateController.buy would be charged before')
  })

  it('refuses a route that claims an Idempotency-Key and would not store its response', async () => {
    await expect(start(KeyKeptController)).rejects.toThrow('KeyKeptController.send would never store its response')
  })
})
