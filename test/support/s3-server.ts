import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'

/** The keys that s3rver knows. */
export const S3_KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

/** An S3 server with buckets of its own. */
export class S3Server {
  private constructor(
    private readonly program: S3rver,
    private readonly folder: string,
    readonly endpoint: string,
    private readonly client: S3Client,
  ) {}

  static async start(...buckets: string[]): Promise<S3Server> {
    const folder = mkdtempSync(join(tmpdir(), 's3-'))
    const configureBuckets = buckets.map((name) => ({ name, configs: [] }))
    const program = new S3rver({ directory: folder, silent: true, address: '127.0.0.1', port: 0, configureBuckets })
    const { port } = await program.run()
    const endpoint = `http://127.0.0.1:${port}/`
    const client = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, credentials: { ...S3_KEYS } })
    return new S3Server(program, folder, endpoint, client)
  }

  async put(bucket: string, key: string, body: string | Buffer, contentType?: string): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }))
  }

  async remove(bucket: string, key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
  }

  async stop(): Promise<void> {
    this.client.destroy()
    await this.program.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
