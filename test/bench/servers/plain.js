// A server that answers every request with a few octets of JSON, also as a token service, and prints its port.
import { createServer } from 'node:http'

const ANSWER = '{"ok":true}'
const TOKEN = '{"access_token":"a-token-of-a-bench","token_type":"Bearer","expires_in":86400}'

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const body = request.url === '/token' ? TOKEN : ANSWER
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
