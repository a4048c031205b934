import { Global, Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { AuditEntryEntity } from './audit-entry.entity.js'
import { AuditController } from './audit.controller.js'
import { AuditRepository } from './audit.repository.js'
import { AuditTrail } from './audit-trail.service.js'

/** The trail of admin actions. Global, because every module with admin routes writes into it. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([AuditEntryEntity])],
  controllers: [AuditController],
  providers: [AuditTrail, AuditRepository],
  exports: [AuditTrail],
})
export class AuditModule {}
