export * from '../../datasets/date-format.js'
