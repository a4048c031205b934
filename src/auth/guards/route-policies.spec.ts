import { Controller, Get, Module, Post, type Type } from '@nestjs/common'
import { DiscoveryModule } from '@nestjs/core'
import { Test } from '@nestjs/testing'
import { describe, expect, it } from 'vitest'
import { ChangesNothing } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
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

  @Post('preview')
  @Access('admin')
  @ChangesNothing()
  preview(): void {}

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

async function start(...controllers: Type[]): Promise<void> {
  @Module({ controllers })
  class Routes {}
  const testing = Test.createTestingModule({ imports: [DiscoveryModule, Routes], providers: [RoutePolicies] })
  await (await testing.compile()).init()
}

describe('the check of policies at start', () => {
  it('passes routes that say who may call them, and admin actions that are audited or change nothing', async () => {
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
})
