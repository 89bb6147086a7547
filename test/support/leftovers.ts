import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';

/** Settings under which left-over files are removed as soon as the function lets them be. */
export const leftoverSettings = { remove: true, graceSeconds: 3_600, secondLookSeconds: 60, maxShare: 0.9 };

/** Where a partition keeps what runs saw. */
export const recordName = '.lakewarden-leftovers';

/** Makes a file eight days old. */
export async function age(hdfs: WebHdfs, path: string): Promise<void> {
  await hdfs.setTimes(path, { modificationTime: Date.now() - 8 * 86_400_000 });
}

/** Lets the time until the second look pass, without waiting for it. */
export async function secondLook(hdfs: WebHdfs, folder: string): Promise<void> {
  const path = `${folder}/${recordName}`;
  const { looks } = JSON.parse(Buffer.from(await hdfs.read(path, 0, 1 << 20)).toString()) as {
    looks: { seenAt: number }[];
  };
  const earlier = looks.map((look) => ({ ...look, seenAt: look.seenAt - 120_000 }));
  await hdfs.create(path, Buffer.from(JSON.stringify({ version: 1, looks: earlier })), { overwrite: true });
}

/** Makes a record as if a run had seen the file as it is now, long ago. */
export async function remembered(hdfs: WebHdfs, folder: string, name: string): Promise<void> {
  const { fileId, length, modificationTime } = await hdfs.status(`${folder}/${name}`);
  const looks = [{ name, fileId, length, modificationTime, seenAt: 1_500_000_000_000 }];
  await hdfs.create(`${folder}/${recordName}`, Buffer.from(JSON.stringify({ version: 1, looks })), { overwrite: true });
}
