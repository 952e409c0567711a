import { status as grpcStatus } from '@grpc/grpc-js';
import type { RemoteConnection } from '../api/connection.ts';
import { RemoteProblem } from '../api/remote-problem.ts';
import { type Digest, digestBytes } from '../merkle/digest.ts';
import { createProvision, type Provision } from './provision.ts';
import { retry } from './retry.ts';
import { createUploads, type Uploads } from './uploads.ts';

/** The storage of a server, which keeps blobs by their digests (`ContentAddressableStorage` of the API). */
export interface RemoteStorage extends Provision, Pick<Uploads, 'send'> {
  /**
   * @param limit in bytes
   * @throws RemoteProblem if the server lacks the blob, or gives other bytes
   */
  fetch(digest: Digest, limit: number, signal?: AbortSignal): Promise<Buffer>;
}

/** @param largestBatch that the server takes, in bytes; 0 if it has no limit */
export function openStorage(connection: RemoteConnection, largestBatch: number): RemoteStorage {
  const { instance, shown } = connection.address;
  const prefix = instance === '' ? '' : `${instance}/`;
  const uploads = createUploads(connection, largestBatch);
  return {
    send: uploads.send,
    ...createProvision(uploads),
    fetch({ hash, sizeBytes }, limit, signal) {
      let wasWrong = false;
      return retry(async () => {
        if (sizeBytes > limit)
          throw new RemoteProblem(0, `${shown} has a result of ${sizeBytes} bytes, which is too long`, false);
        const chunks: Uint8Array[] = [];
        let length = 0;
        const resourceName = `${prefix}blobs/${hash}/${sizeBytes}`;
        for await (const { data = new Uint8Array() } of connection.stream('Read', { resourceName }, signal)) {
          length += data.length;
          if (length > sizeBytes) break;
          chunks.push(data);
        }
        const bytes = Buffer.concat(chunks);
        if (digestBytes(bytes).hash === hash) return bytes;
        const clause = `${shown} gave other bytes than it was asked for`;
        const problem = new RemoteProblem(grpcStatus.DATA_LOSS, clause, !wasWrong);
        wasWrong = true;
        throw problem;
      }, signal);
    },
  };
}
