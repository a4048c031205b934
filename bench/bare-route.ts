import Fastify from 'fastify'
import { readFile } from 'node:fs/promises'

/** A process of its own, as the API is one: answers every POST with the bytes of a file and prints where. */
const bytes = await readFile(process.argv[2]!, 'utf8')
const fastify = Fastify()
fastify.post('/', (_request, reply) => reply.type('application/json').send(bytes))
console.log(await fastify.listen({ port: 0, host: '127.0.0.1' }))
