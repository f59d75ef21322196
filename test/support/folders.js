import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = new Set()

process.on('exit', () => {
  for (const folder of folders) remove(folder)
})

function remove(folder) {
  folders.delete(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/**
 * A new empty folder, readable by its owner alone.
 *
 * @param owner - whatever has `after(fn)`, such as a test's context: the folder goes when the test has ended. Without one it goes with the process.
 * @returns the folder's absolute path, without symbolic links
 */
export function tempFolder(owner) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-')))
  folders.add(folder)
  owner?.after?.(() => remove(folder))
  return folder
}
