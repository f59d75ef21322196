import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type FileMark, readMark } from './file-mark.js'

/** The mode of a file that was not there before: for its owner alone. */
const NEW_MODE = 0o600
const LEFTOVER_END = /^[0-9a-f]{12}\.tmp$/

/**
 * Replaces a file by another in one step: whoever opens it finds the old one or the new one, whole, also after a crash. Owner and
 * mode stay. To be called under the file's lock, as it clears away what a crash has left beside the file.
 *
 * @param path - the file itself, no symbolic link
 * @param text - the new content
 * @param mayReplace - asked last, when the new file is on the disk; false leaves everything as it was
 * @returns the mark of the new file; undefined when it was not to be replaced
 */
export async function replaceFile(
  path: string,
  text: AsyncIterable<string>,
  mayReplace: () => Promise<boolean> = async () => true,
): Promise<FileMark | undefined> {
  await clearLeftovers(path)
  const temporary = `${leftoverPrefix(path)}${randomBytes(6).toString('hex')}.tmp`
  const file = await open(temporary, 'wx', NEW_MODE)
  let isDone = false
  try {
    try {
      for await (const chunk of text) await file.appendFile(chunk)
      await keepOwner(file, path)
      await file.sync()
    } finally {
      await file.close()
    }
    if (!(await mayReplace())) return undefined
    await rename(temporary, path)
    isDone = true
  } finally {
    if (!isDone) await unlink(temporary)
  }
  await syncFolder(dirname(path))
  return (await readMark(path)) as FileMark
}

/** A file that only its new owner can read would lock out the server whose file it was, so a failure here is one of the whole. */
async function keepOwner(file: FileHandle, path: string): Promise<void> {
  const [old, made] = [await statOf(path), await file.stat()]
  if (old === undefined) return
  if (old.uid !== made.uid || old.gid !== made.gid) await file.chown(old.uid, old.gid)
  await file.chmod(old.mode & 0o7777)
}

async function clearLeftovers(path: string): Promise<void> {
  const prefix = basename(leftoverPrefix(path))
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(prefix) && LEFTOVER_END.test(name.slice(prefix.length))) await unlink(join(dirname(path), name))
  }
}

function leftoverPrefix(path: string): string {
  return join(dirname(path), `.${basename(path)}.`)
}

async function statOf(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Makes the new name survive a loss of power. Where folders cannot be opened (Windows), the file system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle
  try {
    handle = await open(folder, 'r')
  } catch {
    return
  }
  try {
    await handle.sync()
  } catch {
    // Some file systems have no sync of folders; the file itself is on the disk.
  } finally {
    await handle.close()
  }
}
