/** The comment of the action on a pull request: one, written anew by each run. Comments of others are never touched. */
import { readFileSync } from 'node:fs'

const mark = '<!-- lsmkit policy check -->'
/** GitHub takes 65,536 characters. */
const most = 65_000

/** `viewerDidAuthor` is GitHub's own word for whose token wrote it; a mark in the text is anybody's to write. */
const query = `query($owner: String!, $repo: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after) {
        nodes { databaseId body viewerDidAuthor }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`

/** The number of our comment, or null. */
const ownComment = async (github, { owner, repo, number }) => {
  for (let after = null; ;) {
    const { repository } = await github.graphql(query, { owner, repo, number, after })
    const { nodes, pageInfo } = repository.pullRequest.comments
    const own = nodes.find(({ body, viewerDidAuthor }) => viewerDidAuthor === true && body.startsWith(mark))
    if (own !== undefined) return own.databaseId
    if (!pageInfo.hasNextPage) return null
    after = pageInfo.endCursor
  }
}

/** `github` and `context` are those of actions/github-script; `file` is the difference as Markdown. */
export const comment = async ({ github, context, file }) => {
  const { owner, repo } = context.repo
  const { number } = context.issue
  const body = `${mark}\n${readFileSync(file, 'utf8')}`.slice(0, most)
  const id = await ownComment(github, { owner, repo, number })
  if (id === null) await github.rest.issues.createComment({ owner, repo, issue_number: number, body })
  else await github.rest.issues.updateComment({ owner, repo, comment_id: id, body })
}
