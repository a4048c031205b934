import { Global, Module } from '@nestjs/common'
import { AuditController } from './audit.controller.js'
import { AuditRepository } from './audit.repository.js'
import { AuditTrail } from './audit-trail.service.js'

/** The trail of admin actions. Global, because every module with admin routes writes into it. */
@Global()
@Module({ controllers: [AuditController], providers: [AuditTrail, AuditRepository], exports: [AuditTrail] })
export class AuditModule {}
