import { ValidateIf } from 'class-validator'

/** Unlike @IsOptional(), null is not let through: the column must have a value. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined)
