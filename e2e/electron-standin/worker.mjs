// Gives a forked Node process the parentPort that a child of Electron's utilityProcess has.
import { EventEmitter } from 'node:events'

const port = new EventEmitter()
port.postMessage = (message) => process.connected && process.send(message)
process.parentPort = port
process.on('message', (data) => port.emit('message', { data, ports: [] }))
process.on('disconnect', () => process.exit(0))
