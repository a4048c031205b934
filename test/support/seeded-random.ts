export { SeededRandom } from '../../src/generator/random.js'
