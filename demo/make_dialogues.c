// make_dialogues: writes the dialogues of the demo, and the instructions on which its base model was trained.
//
//     cc -O2 make_dialogues.c -o make_dialogues
//     ./make_dialogues --out dialogues                 dialogues/train.csv (1,200 rows) and dialogues/test.csv (150 rows)
//     ./make_dialogues --tasks 100000 tasks.csv        columns task, source, target (--kinds, --longest choose among them)
//     ./make_dialogues --show 10                       dialogues to read, with what can be asked about them
//
// All of it depends on --seed only (1 unless given). Everything that is said here was written for this project; nothing comes
// from another corpus.
//
// How it works. A scene (a doctor's visit, a late train ...) is a list of lines in a small script language. Some lines choose:
// how the scene ends, what it is about, who, when, how much. Some are beats of the conversation, each in several wordings.
// The last ones tell the same facts as a human summarizer would, again in several wordings and orders, and ask questions about
// them. So the summary knows what happened, and cannot contradict the dialogue. It cannot tell more than was said either:
// the program notes which of the chosen facts were spoken in this reading, and takes another wording where one was not.
//
// The file: the words (LISTS), what happens in any conversation (BLOCKS), the scenes (SCENES), short prose (STORIES); then the
// engine that reads the script, the tasks, and main.

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---------------------------------------------------------------------------------------------------------------
// Words
//
// "name word|word||word": {name} stands for one of them. Those behind || are kept for test.csv, where they come half the
// time: whoever summarizes the test set has to copy names, places and things that the training dialogues do not have.
// ---------------------------------------------------------------------------------------------------------------

static const char *const LISTS[] = {
    "girl Anna|Maria|Lucy|Emma|Sophie|Nina|Clara|Julia|Helen|Rosa|Alice|Laura|Grace|Ella|Hannah|Irene|Martha|Diana|Olga|"
        "Leila|Amina|Mei|Priya|Carmen|Greta|Ruth|Eva|Paula|Stella|Vera|Nora|Ingrid|Yasmin|Lena|Joan|Molly|Daisy|Tanya|Fiona|"
        "Bridget|Naomi|Susan|Karen|Teresa|Jenny|Sara|Zoe|Linda|Ivy|Pam|Agnes|Bella|Cora|Elena|Flora|Gina|Heidi|Iris|Jasmine|"
        "Kate|Louise|Mila|Nadia|Pearl|Rachel|Sonia|Tina|Ursula|Violet|Yvonne|Sandra|Marta|Claire|Lisa|Amelia||Beatrice|Dora|"
        "Freya|Lydia|Monica|Petra|Rita|Wendy|Chloe|Hilda",
    "boy Tom|Peter|Mark|David|Paul|Ben|Jack|Simon|Henry|Oscar|Leo|Martin|Daniel|George|Frank|Alex|Robert|Victor|Hugo|Adam|"
        "Samir|Omar|Ravi|Chen|Diego|Carlos|Nils|Erik|Felix|Luke|Max|Walter|Ivan|Pavel|Yusuf|Kevin|Brian|Steve|Harry|Noah|"
        "Philip|Roger|Theo|Dennis|Ian|Karl|Tony|Jim|Bill|Neil|Arthur|Cyril|Dylan|Emil|Fred|Hassan|Isaac|Joe|Kofi|Lars|Miguel|"
        "Nico|Otto|Pablo|Ralph|Sam|Tim|Vincent|William|Anton|Gregor|Patrick|Jerome||Albert|Boris|Conrad|Edgar|Gavin|Jonas|Kurt|"
        "Mario|Oliver|Stuart",
    "surname Brown|Miller|Keller|Smith|Clark|Turner|Novak|Rossi|Lopez|Carter|Wood|Baker|Fischer|Green|Hill|Jensen|Khan|"
        "Patel|Lee|Martin|Moore|Nolan|Palmer|Reed|Sanders|Taylor|Vega|Walsh|Young|Adams|Bell|Cole|Dixon|Evans|Ford|Grant|"
        "Hughes|Larsen|Marsh|Owen|Barnes|Cooper|Doyle|Ellis|Fletcher|Garcia|Hansen|Irving|Jacobs|King|Lambert|Murphy|Newman|"
        "Olsen|Porter|Quinn|Ramos|Stone|Thomas|Underwood|Vogel|Weber|York|Ziegler|Schmidt|Kim|Costa|Bauer||Archer|Bishop|"
        "Corbett|Dalton|Foster|Gibson|Harper|Kovacs|Mason|Pearce",
    "city London|Paris|Madrid|Rome|Berlin|Lisbon|Dublin|Vienna|Prague|Athens|Oslo|Boston|Chicago|Toronto|Manchester|"
        "Hamburg|Milan|Edinburgh|Geneva|Seattle|Denver|Leeds|Bristol|Brussels|Warsaw|Helsinki|Naples|Valencia|Montreal|Cairo|"
        "Istanbul|Cologne|Lyon|Marseille|Liverpool|Cardiff|Belfast|Salzburg|Florence|Nice|Krakow|Bergen||Zurich|Munich|Glasgow|"
        "Porto|Budapest|Copenhagen",
    "country Spain|Italy|Portugal|Greece|Norway|Ireland|Japan|Canada|Mexico|Morocco|Turkey|Croatia|Iceland|Sweden|Austria|"
        "India|France|Denmark|Egypt|Brazil|Kenya|Thailand|New Zealand|Cyprus|Chile|Hungary|Switzerland|Australia|Argentina||"
        "Scotland|Peru|Vietnam|Finland",
    "street Mill Street|Park Road|Station Road|King Street|Church Lane|Garden Street|River Street|Oak Avenue|High Street|"
        "Bridge Street|Maple Avenue|Castle Street|Market Street|Hill Road|Lake Road|Rose Lane|Windmill Road|School Street|"
        "Forest Road|Cherry Lane|Long Street|Orchard Way|Baker Street|North Street|Valley Road|Abbey Road|Silver Street||"
        "Harbour Street|Elm Avenue|Queen Street|Chapel Lane|Tower Road",
    "day Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "weekday Monday|Tuesday|Wednesday|Thursday|Friday",
    "month January|February|March|April|May|June|July|August|September|October|November|December",
    "time eight o'clock|nine o'clock|ten o'clock|eleven o'clock|two o'clock|three o'clock|four o'clock|five o'clock|half "
        "past eight|half past nine|half past ten|half past two|half past three|half past four|a quarter past nine|a quarter "
        "past three|a quarter to ten|a quarter to four|9:30|10:15|3:45|2:20||a quarter to five|half past eleven|11:10|4:40",
    "evening six o'clock|seven o'clock|eight o'clock|nine o'clock|half past six|half past seven|half past eight|a quarter "
        "past seven|a quarter to eight|6:30|7:15|7:45|8:20||a quarter to seven|a quarter past eight|6:50|7:40",
    "meetplace the bus station|the fountain|the main entrance|the post office|the library|the cinema|the old bridge|the "
        "bakery|the car park|the town hall|the corner of {street}|the bookshop|the ticket office|the theatre|the clock tower|"
        "the rose garden|the supermarket|the playground|the pier|the petrol station|the taxi rank|the chapel|the ice cream van|"
        "|the lighthouse|the museum steps|the flower stall|the tram stop",
    "cafe the Blue Cup|the Green Door|the Corner House|the Old Mill|the Lemon Tree|the Red Lion|the Golden Fork|the White "
        "Horse|Rosie's|Luigi's|the Silver Spoon|the Little Kitchen|the Purple Onion|the Old Bakery|Sofia's|the Happy Fish|the "
        "Brass Lantern|the Wild Duck|the Three Keys|the Cinnamon Room||the Copper Kettle|Mario's|the Black Swan|the Orange "
        "Garden",
    "dish lasagne|mushroom soup|vegetable curry|roast chicken|fish pie|tomato soup|apple pie|pancakes|fried rice|potato "
        "salad|onion soup|lentil stew|spaghetti|chocolate cake|grilled salmon|stuffed peppers|cauliflower cheese|beef stew|"
        "shepherd's pie|chicken soup|pea soup|rice pudding|cherry tart|carrot cake|spinach pancakes|baked beans|meatballs|"
        "goulash|risotto|aubergine curry|prawn salad|mashed potatoes with sausages|pear crumble|leek quiche|turkey sandwiches|"
        "ginger biscuits||pumpkin soup|lemon chicken|noodle soup|cheese pie",
    "garment jacket|coat|sweater|shirt|dress|skirt|raincoat|blouse|cardigan|scarf|hat|blazer|hoodie|polo shirt|evening "
        "dress||waistcoat|jumper|tracksuit",
    "colour red|blue|green|black|white|grey|brown|yellow|dark blue|light green||purple|orange|beige",
    "pet dog|cat|rabbit|parrot|hamster||tortoise|guinea pig|pony",
    "petname Coco|Rex|Bella|Max|Luna|Biscuit|Ginger|Pepper|Rocky|Lucky|Snowy|Milo|Pirate|Sunny|Whiskers|Toffee|Olive|Hazel|"
        "Basil|Cookie||Pumpkin|Ziggy|Bruno|Misty",
    "gift a book|a scarf|a watch|a plant|a cookbook|a board game|a necklace|a camera|a teapot|a set of paints|a backpack|a "
        "pair of headphones|a silk tie|an umbrella|a lamp|a bottle of perfume|a puzzle|a picnic basket|a pocket knife|a coffee "
        "machine|a vase|a concert ticket|a leather belt|a bird house|a set of tools|a hammock|a painting|a pair of slippers|a "
        "diary|a jigsaw|a radio|a bracelet||a telescope|a chess set|a music box|a leather wallet",
    "sport tennis|football|basketball|volleyball|badminton|table tennis|hockey|handball|golf|rugby||squash|cricket|baseball",
    "instrument guitar|piano|violin|flute|trumpet|drums|saxophone|accordion|banjo|double bass||cello|harp|clarinet",
    "language Spanish|French|German|Italian|Japanese|Portuguese|Arabic|Polish|Russian|Turkish|Chinese|Danish|Hungarian|"
        "Norwegian||Swedish|Korean|Dutch|Greek",
    "subject history|biology|geography|chemistry|physics|art|music|maths|philosophy|computer science|religion|Latin||"
        "economics|literature|astronomy",
    "film The Glass Harbour|Nine Lanterns|The Last Ferry|Winter Garden|A House by the River|The Clockmaker|Silent Mountain|"
        "Two Tickets Home|The Green Umbrella|Midnight Bakery|Paper Planes|The Long Way Back|The Paper Crown|Snow in August|The "
        "Lighthouse Girl|Seven Brothers|The Wrong Suitcase|Blue Bicycle|Harvest Moon|The Last Tailor|Waiting for Sunday|A Dog "
        "Named Tuesday||The Salt Road|Orchid Island|A Letter for Ruby|The Tenth Door",
    "book The Stone Bridge|A Year of Rain|The Beekeeper's Son|Letters from Nowhere|The Empty Theatre|Under the Pear Tree|"
        "The Fisherman's Map|A Short Walk North|The Night Gardener|Seven Winters|The Copper Kettle|Rain on Tin Roofs|The "
        "Cartographer|An Island of Cats|The Forgotten Orchard|Mrs Plum Investigates|The Winter Ferry|A Handful of Salt|The "
        "Clock in the Attic|Wild Honey||The Amber Ship|A Box of Keys|The Quiet Street|Beyond the Marsh",
    "company Bright Books|Northern Rail|Sunny Travel|Hill and Sons|Green Fields|Delta Software|River Bank|Fresh Foods|Star "
        "Hotels|Blue Sky Airlines|City Post|Orion Insurance|Maple Toys|Silverline Coaches|Northwind Energy|Peak Sports|Crystal "
        "Glass|Meadow Dairy|Swift Couriers|Atlas Insurance||Harbour Foods|Falcon Motors|Pine Furniture|Quick Print",
    "job nurse|teacher|cook|driver|waiter|accountant|receptionist|gardener|designer|engineer|salesperson|photographer|"
        "translator|electrician|plumber|hairdresser|bus driver|lawyer|chef|cleaner|mechanic|architect|dancer|secretary|baker|"
        "welder|tailor|postman|security guard|lab assistant|physiotherapist|web designer|florist|tour guide||librarian|"
        "carpenter|pharmacist|journalist",
    "kin sister|brother|mother|father|cousin|uncle|aunt|grandmother|grandfather",
    "small two|three|four|five|six",
    "crowd six|eight|ten|twelve|fifteen|twenty|twenty-five|thirty",
    "hotelname Grand Hotel|Park Hotel|Hotel Central|Seaview Hotel|Station Hotel|Hotel Victoria|Garden Hotel|City Lodge|"
        "Lakeside Hotel|Royal Hotel|Mountain Inn|Hotel Bristol|Riverside Lodge|Hotel Metropole||Hotel Aurora|Crown Hotel|"
        "Harbour Hotel",
    "kinboy nephew|son|grandson|cousin",
    "top jacket|coat|sweater|shirt|dress|raincoat|blouse|cardigan|leather jacket|winter coat|wool sweater|blazer|hoodie|"
        "evening dress|nightgown|polo shirt|ski jacket|linen shirt|tuxedo||waistcoat|jumper|summer dress",
    "morning seven o'clock|half past seven|a quarter to eight|eight o'clock|a quarter past eight|half past eight|nine "
        "o'clock|half past nine|ten o'clock|7:15|8:40|9:20||a quarter to nine|8:10|9:50|a quarter past seven",
    "furry dog|cat|rabbit|hamster|puppy|kitten||guinea pig|pony",
    "news my {kin} has adopted a donkey|they are building a roundabout near the church|the baker's twins won a chess "
        "tournament|somebody painted the mayor's statue pink|my {kin} is learning to juggle|a swan walked into the pharmacy "
        "yesterday|the old cinema will become a swimming school|our postman is writing a detective novel|the circus lost one "
        "of its camels|my {kin} grew a pumpkin as heavy as a piano|the fishmonger has fallen in love with the librarian|there "
        "will be fireworks above the castle|a famous violinist has bought the windmill|my {kin} sings in an opera now|they "
        "found a Roman coin under the playground|the ferry captain is retiring after forty years|the kindergarten is getting "
        "chickens|a hot-air balloon landed in our orchard|the butcher only sells vegetables now|my {kin} swam across the whole "
        "bay|someone stole the clock from the station|the fire brigade rescued a hedgehog|our dentist plays the accordion in "
        "the street|a squirrel has moved into our attic|the school choir will be on the radio|my {kin} got stuck in a lift "
        "with a bishop|they want to plant cherry trees along the canal|the village has elected a baker as mayor|my {kin} "
        "collects rusty typewriters|the museum borrowed a mummy from Egypt|an astronaut is going to visit our school|the "
        "shepherd bought a drone to watch the sheep|my {kin} broke a record with paper boats|the tailor sewed a coat for a "
        "greyhound|there is a leak in the roof of the gym|the beekeeper gave everybody a jar of honey|the weather station "
        "measured a terrible storm|my {kin} found a wallet full of foreign stamps|an owl sleeps in the church tower|the coach "
        "of our team has a broken leg|they are filming a thriller in the harbour|my {kin} failed to bake a simple omelette|the "
        "chemist won the lottery and told nobody|the tram company is looking for female drivers|a goat ate the flowers in "
        "front of the bank|the old bridge is closed because of cracks|my {kin} has opened a tiny bookshop|the ice rink opens "
        "earlier this winter|a whale was seen close to the coast|the neighbours built a sauna in their garage|the carpenter "
        "makes guitars out of old doors|my {kin} dreams of a vineyard|the nursery is selling lavender for half the price|a "
        "pianist practises in the empty factory|the judge forgot her glasses in the courtroom|a carpenter has restored the "
        "carousel|the orchestra is missing its trombone|two professors argued on live television|a gardener discovered a "
        "dinosaur bone|my {kin} was bitten by a tame goose|the monastery sells its own mustard|an avalanche blocked the "
        "mountain pass|a burglar left a polite apology|the harbour crane collapsed in the gale|my {kin} invented a machine "
        "that peels garlic|the ambassador opened a puppet show|a jogger tripped over a tortoise|the marathon was won by a "
        "plumber|my {kin} is allergic to her own parrot|an engineer wants to heat the town with waste|the astronomers "
        "announced a comet|the quarry will be turned into a lake|a clown has become the new headmaster|the archive was flooded "
        "in the spring|my {kin} rescued a lamb from a ditch|an actress is hiding in the guesthouse|a tailor stitched the "
        "longest flag|the electrician got an award for bravery|the brass band practises in the tunnel|somebody swapped all the "
        "street signs||the lighthouse keeper speaks eleven languages|a flamingo escaped from the zoo|the blacksmith is making "
        "a dragon of iron|my {kin} has seen a meteor",
    "chat I've started to bake my own bread, and it's as hard as a brick|I slept on the floor because the mattress is too "
        "soft|I've been stung by a wasp three times this week|I can't find a single matching pair of socks|I want to stop "
        "drinking coffee, but mornings are cruel|I've promised to knit a blanket for a baby|I watched a documentary about "
        "octopuses until midnight|I burnt my tongue on the soup|I've got a blister on my heel from dancing|I walked through "
        "the whole market and only bought a lemon|I have been humming the same tune since breakfast|I spilled ink on my best "
        "trousers|I planted radishes, and the snails ate everything|I tried yoga and fell asleep on the mat|I sneezed during "
        "the whole lecture|I shaved off my beard, and my own dog barked at me|I left the window open and a pigeon came in|I've "
        "read the instructions twice and still don't understand them|I ate a whole melon for lunch|I want to repaint the fence "
        "before autumn|I finally emptied the cellar and found my old skates|I forgot my umbrella in three different places|I "
        "dropped my sandwich into the fountain|I had to iron twelve shirts this morning|I've been trying to whistle like my "
        "grandfather|I counted the stairs to my flat: ninety-four|I baked a hundred muffins for the charity sale|I've bought a "
        "typewriter at an auction|I tried to fix the tap and flooded the hallway|I learned to moonwalk in the kitchen|I fed "
        "the ducks and a heron stole the bread|I've written a poem about mashed potatoes|I sat next to a famous goalkeeper on "
        "the tram|I mixed up salt and sugar in the dough|I have a splinter in my thumb|I carved a whistle out of a branch|I "
        "adopted a cactus and named it Gerald|I sold my roller skates to a dentist|I was chased by a turkey on the farm|I've "
        "been awake since the rooster crowed|I painted a mural in the nursery|I tore my sleeve on a rusty nail|I borrowed a "
        "wheelbarrow to carry my shopping|I got lost in the maze behind the palace|I watered the plastic flowers for a year|I "
        "want to build a raft with my nephews|I've been practising handstands against the wall|I crossed the river on a rope "
        "bridge|I tasted oysters for the first time, and never again|I cleaned the chimney and looked like a ghost|I answered "
        "every question of the quiz except one||I glued a broken vase, and it looks better now|I painted the ceiling and half "
        "of my hair",
    "service our new computer system is a disaster|the heating broke down this morning|we are moving to a bigger building "
        "soon|it's my first week at this counter|the whole team has caught a cold|the telephones have been ringing since dawn|"
        "we had a power cut an hour ago|the trainees are still learning|our scanner has a mind of its own|the lift is being "
        "repaired, so everybody is grumpy|we are preparing for an inspection|a group of pensioners has just arrived|they "
        "changed all the forms last month||the ceiling has been dripping all day",
    "remark what a beautiful carpet you have here|that plant in the corner needs water|I had to park behind the abattoir, "
        "it was so full|my umbrella turned inside out on the bridge|your window display is really cheerful|I nearly slipped on "
        "the wet marble|that must be a portrait of your founder|the queue at the entrance is as long as a snake|I walked here "
        "through the market, and it smelled of cinnamon|there is a very noisy drill outside|I have been humming your radio "
        "tune all day|my {kin} used to work in this building|this used to be a laundry, I think|I came by tram because my tyre "
        "is flat|what a clever little lamp|I've never seen so many brochures|it's as cold in here as in a fridge|the automatic "
        "door almost swallowed my scarf|I met my old headmistress in the corridor|there's a puddle in front of your door|the "
        "coffee from your machine is surprisingly good|your calendar still shows last month|somebody left a glove on the chair|"
        "I like the smell of fresh paint in here|the pigeons on your roof are enormous|my glasses are foggy, just a second|I "
        "hope I'm not disturbing your lunch|that's an unusual tie|I thought you closed earlier in winter|the stairs to your "
        "door are rather steep||there's a spider on your keyboard|your doorbell plays a funny melody",
    "reply Oh yes, I hear that often.|Thank you for telling me.|You're right.|I hadn't noticed that.|That's true.|Well, "
        "that's how it is here.|My colleague says the same.|Ha, yes.|I'll see to that later.|You're very observant.|Yes, we've "
        "got used to it.",
    NULL,
};

// ---------------------------------------------------------------------------------------------------------------
// The script
//
//   # topic|topic                a scene and its names; one of them becomes the topic of a row
//   % name                       a block that scenes call; X and Y stand for the two persons
//   @ tn                         how A and B are called: f first name, t Mr or Ms, s Mr or Ms or sir, d Dr, n not at all
//   ! a|b      ! 40 a            sets one flag of these; sets a flag in 40 % of all cases
//   $ a,b one~two|three~four     chooses an alternative and binds {a} and {b} to its two halves: what is said ~ how it is told
//   * mate                       a third person: {mate} {matehe} {matehis} {matehim}
//   & 40 name A var              in 40 % runs a block of this name with X = A and {arg} = {var}
//   A: text >> report            a beat: what A says, and the same in the third person
//   = name text                  {name} stands for this text; several lines of one name add up
//   S text     Q text => text    a summary; a question and its answer
//   [a&!b,c]                     before a line or an alternative: only if flags a and not b, or c, are set
//
// In a text, | separates alternatives, ( ) groups them, and these are slots:
//   {name}   a variable, a text or a list          {a name}   the same with a or an
//   {name~}  sometimes wrong, and then corrected    {!name}    another value than the right one
//   {#2-9} {#10-90*5} {##2-9}   a number: small ones in words, in steps of 5, in digits
//   {A} {A's} {Ahe} {Ahis} {Ahim}   person A as the summary calls him or her: by name if it was said, else #Person1# or #Person2#
//   {,A} {A,} {A!}              A's name in speech: "Come in, Anna", "Anna, come in" (if at all), "I'm Anna"
// The first to speak is #Person1#. A beat whose alternatives all fail their condition is left out, and two beats of one person in a
// row make one turn.
// ---------------------------------------------------------------------------------------------------------------

// What happens in any conversation: greetings, misunderstandings, small talk, thanks, goodbyes.
static const char *const BLOCKS[] = {
    "% hello",
    "X: (Hi|Hello|Hey){,Y}(.|!)",
    "% hello",
    "X: (Hi|Hello|Hey){,Y}, (how are you|how are things|how's it going|how are you doing)?",
    "Y: (Fine|Not bad|Pretty good|Very well|Great|A bit tired, but fine|Busy as always, but fine), thanks{,X}.",
    "% hello",
    "X: (Hi|Hello|Good to see you){,Y}. (How are you|How have you been|Everything all right)?",
    "Y: (Fine|Good|All right|Quite well), thank you. (And you|How about you|What about you)?",
    "X: (I'm fine too|Not too bad|Can't complain|Very well|I'm all right).",
    "% hello",
    "X: {Y,}(there you are!|I was just looking for you.|I'm glad I caught you.|do you have a minute?|are you busy?)",
    "Y: (Hi{,X}|Oh, hello{,X}|Hello{,X}). (What's up|What is it|What's going on|How can I help)?",
    "% hello",
    "X: (Hey|Hi|Hello){,Y}, (long time no see|nice to run into you|what a nice surprise|it's been ages).",
    "Y: (Yes, it has been a while|It really is nice to see you|I know, time flies|It's good to see you too){,X}.",
    "% formal",
    "X: (Good morning|Good afternoon|Hello){,Y}. (How can I help you|What can I do for you|Can I help you|How may I help "
        "you)?",
    "% formal",
    "X: (Next, please.|Come in, please.|Yes, please.|Who's next?) (What can I do for you{,Y}|How can I help{,Y})?",
    "% phone",
    "X: (Good morning|Good afternoon|Hello), {office}(, how can I help you?|. What can I do for you?|, {X!} speaking.|. "
        "You're speaking to {X!}.)",
    "% bye",
    "X: (See you then|See you later|Bye for now|Take care|Talk to you soon){,Y}.",
    "Y: (Bye{,X}|See you{,X}|Take care|Bye-bye|See you soon).",
    "% bye",
    "X: (I have to run now|I'd better get going|I must go, my bus is coming|I should get back to work).",
    "Y: (All right, see you{,X}|OK, bye{,X}|Sure, take care|Of course, bye).",
    "% bye",
    "Y: (See you then|Great, see you there|Bye{,X}|Looking forward to it).",
    "% bye",
    "X: (Bye{,Y}|Have a nice (day|evening|weekend)|See you soon).",
    "% thanks",
    "X: (Thank you (so much|very much)|Thanks a lot|Many thanks|Thank you for your help|That's very kind of you|I really "
        "appreciate it){,Y}.",
    "Y: (You're welcome|No problem|Don't mention it|My pleasure|Not at all|Glad I could help|Any time)(.|!)",
    "% thanks",
    "X: (Thanks|Thank you){,Y}. (Have a nice day|You've been very helpful|That helps a lot|I'm very grateful).",
    "Y: (You too|You're welcome|Have a good day|Goodbye).",
    "% thanks",
    "X: (Thank you|Thanks|Many thanks|Thanks for your time){,Y}.",
    "% confirm",
    "X: (Sorry, d|D)id you say {arg}?",
    "Y: (Yes|That's right|Exactly|Correct), {arg}.",
    "% confirm",
    "X: {arg}? (Are you sure|Really|Is that right)?",
    "Y: (Yes, I'm sure|Quite sure|Yes, that's right|Yes, I checked).",
    "% confirm",
    "X: Sorry, did you say {!arg}?",
    "Y: No, (I said |){arg}.",
    "% confirm",
    "X: (Sorry, it's a bit loud here|Sorry, the line is bad|Sorry, I didn't catch that). (What was that|Could you say that "
        "again|Once more, please)?",
    "Y: I said {arg}.",
    "% aside",
    "X: (By the way, is|Oh, is) that a new (haircut|jacket|scarf|bag|watch|pair of glasses)? (It suits you|It looks great|"
        "I like it).",
    "Y: (Thanks|Oh, thank you), (my {kin} chose it|I got it in the sales|I wasn't sure about it at first|it was a present).",
    "X: (Well, it was a good choice|Very nice). (Anyway, where were we?|But let's go on.|So, back to the other thing.)",
    "% aside",
    "X: (Hang on|One second|Wait a moment), my phone is buzzing. (It's only an advert|It was just my {kin}|Never mind, it "
        "can wait|Just a message from work).",
    "Y: No (problem|worries|rush).",
    "% aside",
    "[!outdoors]X: (What weather today|It's freezing outside|It's so hot today|I got completely soaked on the way here|"
        "This rain never stops)(.|!)",
    "[!outdoors]Y: (Yes, terrible, isn't it?|They say it will get better soon.|I know, I can't stand it.|I hope it changes "
        "before the weekend.)",
    "% aside",
    "X: Did you sleep (well|badly)? You look (tired|a bit pale|sleepy).",
    "Y: (The neighbours had a party|I stayed up too late with a book|My alarm rang at five|I watched films until "
        "midnight)(, that's all. |. )(It's nothing|I'll be fine|I need another coffee).",
    "% aside",
    "X: (Do you want a coffee|Shall I make some tea|Would you like some water|Do you want a biscuit), by the way?",
    "Y: (No, thanks, I've just had some|Yes, please, that would be lovely|Not right now, thanks|Maybe later, thank you).",
    "% aside",
    "X: (How is your {kin}, by the way|By the way, how's work|How are the children, by the way)?",
    "Y: (Much better, thank you|Oh, the same as always|Very busy, but happy|Fine, thanks for asking).",
    "% pause",
    "X: (One moment, please|Just a second|Let me check|Please wait a moment|Let me have a look|Bear with me). (|The "
        "computer is slow today.|I'll look it up.|It won't take long.)",
    "Y: (Sure|Of course|No problem|Take your time|All right).",
    "% pause",
    "X: (Could you spell your name, please|And your surname, please|What name is it, please)?",
    "Y: (It's |){Y!}.",
    "% pause",
    "X: (It's very busy here today, I'm sorry|Sorry about the long queue|Sorry for the wait), (we are short of staff|two "
        "colleagues are ill|it's always like this on {weekday}s).",
    "Y: (That's all right|I understand|It can't be helped|I'm not in a hurry).",
    "% aside",
    "X: (Did you hear?|Have you heard?|Guess what!|Listen to this:|You won't believe it:) {news}.",
    "Y: (Really?|No, I hadn't heard that.|That's news to me.|You're joking!|I don't believe it.|Well, well.|Somebody told "
        "me already.|How funny!|Is that true?)",
    "X: (Anyway.|But that's another story.|It's true!|I read it in the newspaper.|Everybody talks about it.|Well, that's "
        "how it is here.)",
    "% aside",
    "X: (By the way, |You know, |Oh, I have to tell you: |I must look terrible: ){chat}.",
    "Y: (Poor you.|That sounds like you.|You make me laugh.|I know the feeling.|Oh dear.|Don't worry, it happens to "
        "everyone.|Ha!|That could be me.)",
    "% aside",
    "Y: (You know what? |I have to tell you something funny: |Oh, before I forget: ){chat}.",
    "X: (You're impossible.|Is that so?|Oh no.|Tell me more about that later.|That's typical.|I'm sorry to hear that.)",
    "% pause",
    "X: (Please excuse the mess, |I'm sorry that you had to wait, |Sorry, ){service}.",
    "Y: (Never mind.|I understand.|That must be hard for you.|That's all right.|No problem.|I see. I have time.)",
    "% remark",
    "X: (By the way, |Oh, |Excuse me for saying so, but |You know, ){remark}.",
    "Y: {reply}",
    "% remark",
    "X: (By the way, |I must say, |Sorry, it's nothing important, but ){remark}.",
    "Y: {reply}",
    NULL,
};

// What people talk about. Each scene first chooses (! $ *), then talks (A: B: &), then tells (= S Q). To add a scene, copy one.
static const char *const SCENES[] = {
    "# babysitting|looking after children|an evening without the children",
    "@ ff",
    "$ kid {girl}|{boy}",
    "$ when on {day} evening|on {day}|tomorrow evening|tonight",
    "$ from,till {#5-6}~{#9-11}|half past five~half past ten|seven~midnight|eight~one in the morning",
    "$ whyI,whyS we want to go to the theatre~{Ahe} wants to go to the theatre|we're invited to a wedding~{Ahe} is invited "
        "to a wedding|I have a meeting at school~{Ahe} has a meeting at school|it's our wedding day~it is {Ahis} wedding day|"
        "we have tickets for a concert~{Ahe} has tickets for a concert|my choir is performing~{Ahis} choir is performing|I'm "
        "giving a lecture~{Ahe} is giving a lecture|we're celebrating a promotion~{Ahe} is celebrating a promotion|I have to "
        "work a night shift~{Ahe} has to work at night|our neighbours are having a barbecue~{Ahe} is invited to a barbecue||my "
        "old class is meeting in {city}~{Ahe} is meeting {Ahis} old class",
    "$ pay {#8-16}",
    "$ food pasta|soup|fish fingers|pancakes|rice with vegetables|mashed potatoes|vegetable sticks|porridge|noodles with "
        "butter|toast with jam||an omelette",
    "$ bed seven|half past seven|eight|half past eight",
    "$ noI,noS I have a cold~{Bhe} has a cold|I have to study~{Bhe} has to study|I'm going to a party~{Bhe} is going to a "
        "party|I promised to help my {kin}~{Bhe} has promised to help somebody|I'm too tired after work~{Bhe} is too tired",
    "* other",
    "$ animal {pet}",
    "! yes|no|early|swap",
    "! 45 food",
    "& 60 hello A",
    "A: (Could you look after {kid} {when}?|Would you have time to look after {kid} {when}?|I need somebody for {kid} "
        "{when}. Could you do it?|I have a big favour to ask. Could you look after {kid} {when}?) >> {A} asks {B} to look "
        "after {kid}.",
    "B: (What are your plans?|Oh, what are you doing?|Maybe. Where are you going?|{when}? What's happening?)",
    "A: ({whyI}.|Well, {whyI}.|You know, {whyI}.|Just imagine, {whyI}.) >> {A} says that {whyS}.",
    "& 35 aside B",
    "[yes,early]B: (How nice for you! |That sounds good. |I'm happy for you. |)(From when to when?|How long would it be?|"
        "When do you need me?)",
    "[yes,early]A: (From {from} to {till}.|From about {from} until {till}.|We leave at {from} and we're back by {till}.) "
        ">> {A} needs help from {from} to {till}.",
    "[yes]B: (No problem, I'll come.|Sure, {kid} and I are good friends.|I can do that.|Yes, I'd like to. I have nothing "
        "else to do.) (Anything special?|What do I have to know?|What does {kid} eat?) >> {B} will look after {kid}.",
    "[yes&food]A: (There's {food} in the fridge.|I'll make {food}. You only have to warm it up.|{kid} loves {food}, and "
        "it's quick.)",
    "[yes]A: (Bedtime is at {bed}.|{kid} has to be in bed by {bed}.|Please no television after {bed}.) (And I'll pay you "
        "{pay} {cur} an hour.|You'll get {pay} {cur} an hour, of course.|Is {pay} {cur} an hour all right?) >> {kid} must be "
        "in bed by {bed}.",
    "[yes]B: (That's fine.|That's a good plan.|That's generous.|All right, I'll bring a book for later.)",
    "[yes]A: (If anything happens, just call me.|You're the best.|I'm so glad that it works.|{kid} will be happy to see "
        "you.)",
    "[early]B: (Until {till}? That's too late for me. I have to get up early.|I can't stay so long. The last bus goes "
        "before {till}.|My parents don't let me stay until {till}.) >> {till} is too late for {B}.",
    "[early]A: (I could drive you home.|You could sleep here.|We can pay a taxi for you.) >> {A} finds a solution.",
    "[early]B: (Then it's all right.|In that case, yes.|OK, that's a solution.|Good, then I'll do it.) >> {B} agrees then.",
    "[early]A: (Thank you, you're a treasure.|Wonderful. {kid} will be happy.|Great, I'll tell {kid}.)",
    "[no]B: (I'd like to, but {noI}.|I'm sorry, {noI}.|Not this time. {noI}.|What a pity, {noI}.) >> {B} cannot do it "
        "because {noS}.",
    "[no]A: (Oh dear. Do you know anybody else?|What shall I do now?|And who could I ask?|I understand. I'll have to find "
        "somebody else.)",
    "[no]B: (Ask {other}. {otherhe} likes children.|Maybe {other} has time.|{other} does it sometimes, for {pay} {cur} an "
        "hour.|Have you tried {other}?) >> {B} suggests asking {other}.",
    "[no]A: (Do you have {otherhis} number?|I'll ask {otherhim} at once.|Good idea, {kid} knows {otherhim}.)",
    "[swap]B: (I'll do it, if you help me too.|OK, but I need your help as well.|Sure, but one hand washes the other.) "
        "(Could you feed my {animal} next week?|My {animal} needs somebody next week. Would you do that?|Could you take my "
        "{animal} next week?) >> {B} wants {A} to look after {B's} {animal}.",
    "[swap]A: (Of course. That's fair.|Your {animal}? With pleasure.|Gladly. {kid} will love that.|That's a good deal.) >> "
        "{A} agrees.",
    "[swap]B: (Then it's settled.|Good. I'll be there in time.|Great, so we help each other.)",
    "& 25 bye A",
    "= ask {A} asks {B} to (look after|babysit) {kid} {when} because {whyS} | {A} (needs|is looking for) somebody to look "
        "after {kid} {when} because {whyS} | {whyS}, so {A} asks {B} to look after {kid} {when}",
    "= end [yes]{B} (agrees|says yes) and will (come|be there) from {from} to {till} | [yes]{B} agrees, and {A} (will pay|"
        "offers) {pay} {cur} an hour | [yes]{B} will do it, and {kid} must be in bed by {bed} | [early]they find a solution, "
        "though {till} is too late for {B} | [early]{B} agrees when {A} finds a solution, as it is a bit late for {Bhim} | "
        "[no]{B} cannot do it because {noS} and suggests {other} | [no]as {noS}, {B} (says no|refuses) and thinks of {other} | "
        "[swap]{B} agrees if {A} looks after {Bhis} {animal} next week | [swap]in return, {A} will (look after|take care of) "
        "{B's} {animal}",
    "S {ask}. {end}.",
    "S {ask}, ([no]but|[!no]and) {end}.",
    "S {A} (asks {B} for help with|wants {B} to look after) {kid} {when}. {end}.",
    "Q Who is the child?|What is the name of the child?|Whom should {B} look after? => {kid}",
    "Q When does {A} need help?|When should {B} come? => {when}",
    "Q Why does {A} need somebody?|What are {A's} plans? => {whyS}",
    "[yes,early]Q Until when does {A} need help? => until {till}",
    "[yes]Q How much does {A} pay? => {pay} {cur} an hour",
    "[yes]Q When must {kid} be in bed? => by {bed}",
    "[no]Q Why can {B} not do it? => because {noS}",
    "[no]Q Who else could do it? => {other}",
    "[swap]Q What does {B} want in return?|Which animal does {B} have? => help with {B's} {animal}",
    "Q Does {B} look after {kid}? => ([no]no|[!no]yes)",
    "Q How does it end?|What do they agree on? => {end}",
    "# joining a band|playing music together|a concert with friends",
    "@ ff",
    "$ inst {instrument}",
    "$ other drums|singing|bass|keyboard|trumpet||saxophone",
    "$ style rock|jazz|folk|country|pop||samba|swing",
    "$ group the Night Owls|the Rusty Strings|Blue Monday|the Lemon Five|the Back Row||Seven Hats|the Attic",
    "$ day,time {weekday}s~{evening}",
    "$ place the old factory|a garage in {street}|the school cellar|my {kin}'s garage|the youth club||a room above the "
        "bakery",
    "$ years {#2-9} years|a year",
    "$ whyI,whyS I work in the evenings~{Bhe} works in the evenings|I'm too shy to play for others~{Bhe} is too shy|I've "
        "sold my instrument~{Bhe} has sold {Bhis} instrument|my exams are more important~{Bhis} exams are more important|I "
        "prefer classical music~{Bhe} prefers classical music|I've got blisters on my fingers~{Bhe} has blisters|I'm about to "
        "become a parent~{Bhe} will soon have a baby|I can't read music~{Bhe} cannot read music|the rehearsals are too far "
        "away~the rehearsals are too far away||I've just joined an orchestra~{Bhe} has just joined an orchestra",
    "* friend",
    "* friend2",
    "$ try {weekday}|{weekday} at {evening}",
    "! yes|try|no|sub",
    "! 40 show",
    "& 65 hello A",
    "A: (Do you still play the {inst}?|You play the {inst}, don't you?|I heard that you play the {inst}.|Am I right that "
        "you play the {inst}?) >> {A} asks {B} about the {inst}.",
    "B: (Yes, for {years} now.|I've been playing for {years}.|Yes, but only at home. I started {years} ago.|For {years}. "
        "Why do you ask?) >> {B} has played the {inst} for {years}.",
    "& 35 aside B",
    "A: (We need somebody in our band, {group}.|Our band, {group}, is looking for somebody.|I play in {group}, and we need "
        "you.|{friend} has left our band, {group}.) (We play {style}.|It's {style}, mostly.|You like {style}, don't you? "
        "That's what we play.) (Would you like to join us?|Do you want to play with us?|Are you interested?) >> {A} wants {B} "
        "to join {group}.",
    "[show]A: (We even have a concert soon.|There will be a concert, too.|We want to give a concert soon.)",
    "[yes]B: (I'd love to!|Really? That's a dream.|Yes! I've been looking for a band.|Of course. I like {style}.) (When do "
        "you practise?|Where do you practise?|When do you meet?) >> {B} wants to join.",
    "[yes]A: (On {day} at {time~}, in {place}.|We meet in {place} on {day} at {time}.|In {place}, on {day} at {time}.) >> "
        "They practise in {place} on {day}.",
    "[yes]& 25 confirm B time",
    "[yes]B: (I'll be there.|I can do that. I'll bring my own chair.|Perfect, I'm free then.|Great. Shall I learn any "
        "songs?)",
    "[try]B: (I don't know if I'm good enough.|Maybe. Can I come and listen first?|I've never played with others.|I'd like "
        "to try it before I say yes.) >> {B} is not sure yet.",
    "[try]A: (Just come to {place} on {try}.|Then come and see. We practise in {place}, next time on {try}.|Come on {try}, "
        "and we'll see. We're in {place}.) >> {B} can come to {place} on {try}.",
    "[try]B: (OK, but only to try.|That's a good idea.|All right. If it's terrible, you must tell me.|Good. Then we both "
        "can decide.)",
    "[try]A: (You'll like it.|Nobody there is perfect.|Sure. No stress.|I'm sure it will be fun.)",
    "[no]B: (I'm sorry, {whyI}.|That's nice of you, but {whyI}.|I can't. {whyI}.|Thank you for asking, but {whyI}.) >> {B} "
        "does not want to join because {whyS}.",
    "[no]A: (What a pity.|I thought you'd be the right one.|I see. Do you know anyone else?|Think about it again.)",
    "[no]B: (Ask {friend2}. {friend2he} is better than me.|{friend2} plays, too. I can ask {friend2him}.|Have you asked "
        "{friend2}?) >> {B} suggests {friend2}.",
    "[no]A: (I didn't know that.|Good idea. Do you have the number?|OK, I'll talk to {friend2him}.)",
    "[sub]B: (I don't play the {inst} any more. But I've learned {other}.|Not the {inst}, I'm afraid. But I could do "
        "{other}.|I'd rather do {other}. Do you need that?) >> {B} would rather do {other}.",
    "[sub]A: (Even better! We need that, too.|{other}? {friend} would be glad to change.|Why not? Then I'll play the "
        "{inst}.) >> {A} accepts that.",
    "[sub]B: (Then I'm in.|Good. When do we start?|I'm looking forward to it.)",
    "[sub]A: (We meet in {place} on {day}.|On {day}, in {place}.|Come to {place} on {day}.) >> They practise in {place} on "
        "{day}.",
    "= ask {A} asks {B} to join {Ahis} band, {group} | {A} wants {B}, who plays the {inst}, to join {group} | {A's} band, "
        "{group}, needs somebody(, and {A} asks {B}|) | {A} invites {B} to play {style} in {Ahis} band",
    "= end [yes]{B} (is happy to join|agrees|joins them), and they practise in {place} on {day} | [yes]{B} will come to "
        "{place} on {day} at {time} | [try]{B} is not sure and will (try it|come to {place}) on {try} first | [try]before "
        "deciding, {B} will come to {place} on {try} | [no]{B} (says no|refuses) because {whyS} and suggests {friend2} | "
        "[no]as {whyS}, {B} does not join | [sub]{B} would rather do {other}, which {A} accepts | [sub]{B} joins them for "
        "{other} instead of the {inst}",
    "S {ask}. {end}.",
    "S {ask}. {B} has played the {inst} for {years}. {end}.",
    "S {ask}, ([no]but|[!no]and) {end}.",
    "Q Which instrument do they talk about?|What does {A} ask about? => the {inst}",
    "Q How long has {B} played? => {years}",
    "Q What is the name of the band?|Which band should {B} join? => {group}",
    "Q What kind of music does the band play? => {style}",
    "[yes,sub]Q Where do they practise? => in {place}",
    "[yes,sub]Q On which day do they practise? => on {day}",
    "[try]Q When will {B} come to try? => on {try}",
    "[no]Q Why does {B} not join? => because {whyS}",
    "[no]Q Who does {B} suggest? => {friend2}",
    "[sub]Q What would {B} rather do? => {other}",
    "Q Does {B} join the band? => ([yes,sub]yes|[no]no|[try]not yet)",
    "Q How does it end?|What does {B} answer? => {end}",
    "# buying a used bicycle|selling something secondhand|a talk about the price",
    "@ ff",
    "$ thing {a colour} bicycle|an electric piano|{a colour} sofa|a washing machine|a camera|a wooden table|a tent|{a "
        "colour} armchair|a microscope|a surfboard|a lawnmower|a pram|a typewriter|a telescope|a pair of skis|a popcorn "
        "machine|a rowing boat|an electric heater||a sewing machine|a canoe",
    "$ price {#80-320*10}",
    "$ less {price-20}",
    "$ low {price-50}",
    "$ age {#2-9} years|a year|six months",
    "$ whyI,whyS I'm moving abroad~{Bhe} is moving abroad|I've bought a new one~{Bhe} has bought a new one|I have no room "
        "for it~{Bhe} has no room for it|I need the money~{Bhe} needs the money|it belonged to my {kin}~it belonged to "
        "somebody in {Bhis} family||I won it in a competition~{Bhe} won it in a competition",
    "$ fault there's a scratch on one side|one screw is missing|the colour has faded a little|it's a bit dirty|it makes a "
        "strange sound|the cable is frayed|the lid is dented|the paint is peeling|it squeaks a bit|the leather is worn||a "
        "handle is loose",
    "$ time {day} at {evening}",
    "$ street {street}",
    "! full|deal|nodeal|look",
    "! 45 fault",
    "A: (Hello, I saw your advert. Do you still have {thing}?|Hi, I'm calling about the advert. You're selling {thing}, "
        "aren't you?|Is it you who is selling {thing}?|Good evening. I read that you want to sell {thing}.) >> {A} is "
        "interested in {thing}.",
    "B: (Yes, that's right.|Yes, it's still here.|Yes. Would you like to see it?|That's me. It's in good condition.)",
    "A: (How old is it?|How long have you had it?|And how old is it?|When did you buy it?)",
    "B: (It's {age} old.|About {age}.|I've had it for {age}.|I bought it {age} ago.) >> It is {age} old.",
    "[fault]A: (Is anything wrong with it?|Does it work well?|Are there any problems with it?)",
    "[fault]B: (I'll be honest: {fault}.|It's fine, only {fault}.|Well, {fault}, but you hardly notice.) >> {B} admits "
        "that {fault}.",
    "& 25 remark A",
    "A: (Why are you selling it?|And why don't you want it any more?|May I ask why you're selling it?)",
    "B: (Because {whyI}.|Oh, {whyI}.|It's simple, {whyI}.|You see, {whyI}.) >> {B} sells it because {whyS}.",
    "A: (How much do you want for it?|And what does it cost?|What's the price?|What would you like to have for it?)",
    "B: ({price} {cur}.|I'd like {price} {cur}.|I thought of {price} {cur}.|{price} {cur}, and you can have it today.) >> "
        "{B} wants {price} {cur}.",
    "& 25 confirm A price",
    "[full]A: (That's fair. I'll take it.|All right, I won't argue.|That's less than I expected. I'll take it.|OK. I don't "
        "like to haggle.) >> {A} takes it for {price} {cur}.",
    "[full]B: (Great. I'll help you to carry it.|Wonderful. You won't regret it.|Good. You can pick it up on {time}.|Then "
        "it's yours.)",
    "[deal]A: (Would you take {low}?|I can give you {low} {cur}.|How about {low}?|{low} {cur}, and I'll take it at once.) "
        ">> {A} offers {low} {cur}.",
    "[deal]B: (That's too little. {less}.|Let's say {less}.|No, but {less} would be all right.|We can meet in the middle: "
        "{less} {cur}.) >> {B} asks for {less} {cur}.",
    "[deal]A: (Agreed, {less}.|Fine, {less} {cur}.|You drive a hard bargain, but OK.|All right, let's shake hands on it.) "
        ">> They agree on {less} {cur}.",
    "[deal]B: (Then come on {time}.|Good. Do you have the money with you?|When do you want to pick it up?|Excellent. I "
        "live in {street}.)",
    "[nodeal]A: (I only have {low} {cur}.|I can't pay more than {low} {cur}.|Would {low} be possible?|A new one isn't much "
        "more. I'd pay {low}.) >> {A} can only pay {low} {cur}.",
    "[nodeal]B: (Then I'd rather keep it.|I'm sorry, that's not enough.|For that I won't sell it.|No. Somebody else has "
        "offered me more.) >> {B} does not accept.",
    "[nodeal]A: (Well, then I can't help it.|Too bad. Good luck with it.|Call me if you change your mind.|What a pity. I'd "
        "have liked it.)",
    "[nodeal]B: (I will. Goodbye.|Good luck to you, too.|I hope you'll find something else.)",
    "[look]A: (Can I see it first?|I'd like to look at it before I decide.|May I come and try it?|When could I see it?) >> "
        "{A} wants to see it first.",
    "[look]B: (Of course. Come on {time}.|Sure. I'm at home on {time}.|Yes, how about {time}?) (I live in {street}.|The "
        "address is {street}, number {#2-98}.|It's in {street}.) >> {A} can see it on {time} in {street}.",
    "[look]A: (I'll be there.|That's not far from me. See you then.|Good. Please don't sell it before that.|Fine, I'll "
        "bring a friend.)",
    "= want {A} (is interested in|calls about|wants to buy) {thing} that {B} (is selling|sells) | {A} wants to buy {thing} "
        "from {B}, who asks for {price} {cur} | {B} wants to sell {thing} for {price} {cur}, and {A} is interested",
    "= info it is {age} old | [fault]{B} (says|admits) that {fault} | {B} (explains|says) that {whyS}",
    "= end [full]{A} (accepts the price of|pays the full price,) {price} {cur} | [full]{A} takes it for {price} {cur} | "
        "[deal]after some bargaining, they agree on {less} {cur} | [deal]{A} offers {low} {cur}, and they agree on {less} | "
        "[nodeal]{A} can only pay {low} {cur}, (and|so) {B} does not sell it | [nodeal]they do not agree because {A} only "
        "offers {low} {cur} | [look]{A} wants to see it first and will come on {time} | [look]before deciding, {A} will look "
        "at it on {time}",
    "S {want}. {end}.",
    "S {want}. {info}. {end}.",
    "S {want}. {info}, and {end}.",
    "Q What does {B} want to sell?|What is {A} interested in? => {thing}",
    "Q How old is it? => {age}",
    "Q Why does {B} sell it?|Why does {B} not want it any more? => because {whyS}",
    "Q How much does {B} ask at first?|What is the first price? => {price} {cur}",
    "[fault]Q What is wrong with it? => {fault}",
    "[deal]Q On what price do they agree?|How much does {A} pay? => {less} {cur}",
    "[deal,nodeal]Q How much does {A} offer? => {low} {cur}",
    "[look]Q When will {A} look at it? => on {time}",
    "[look]Q Where does {B} live? => in {street}",
    "Q Does {A} buy it? => ([full,deal]yes|[nodeal]no|[look]not yet)",
    "Q How does it end?|What is the result? => {end}",
    "# planning a birthday|a birthday party|a surprise party",
    "@ ff",
    "* star",
    "$ age {#20-70*5}|{#18-39}",
    "$ when {day}|the {#10-19}th|the {#24-29}th",
    "$ place,spot at {A's} place~at my place|in the garden~in the garden|in the park by the lake~in the park by the lake|"
        "in the sports club~in the sports club|at {A's} office~at my office|in the old barn~in the old barn|in the boat "
        "house~in the boat house|in a tent by the river~in a tent by the river|on the roof terrace~on the roof terrace|at the "
        "bowling alley~at the bowling alley|in the community centre~in the community centre|under the chestnut trees~under the "
        "chestnut trees||on a boat~on a boat",
    "* guest",
    "$ other {day}",
    "$ people {crowd}",
    "$ gift {gift}",
    "$ cake {dish}",
    "$ cost {#5-20*5}",
    "! gift|food|guests|clash",
    "! 50 surprise",
    "& 60 hello A",
    "A: ((Do you know that|Did you know that) {star} (turns|will be) {age} on {when~}?|(Don't forget that|Listen,|You know "
        "what?|I've just heard that) {star} (is turning|will be|turns) {age} on {when~}.) (|We should do something.|I'd like "
        "to organise a party.) >> {star} turns {age} on {when}.",
    "& 15 confirm B when",
    "B: (Really? |Oh, already? |{age}! |Of course! |)(I had no idea|I'd almost forgotten|Time flies|How could I forget). "
        "(What are you planning?|Will there be a party?|Do you have any plans?|What shall we do?)",
    "[surprise]A: (I want to give {starhim} a surprise party.|It has to be a surprise party. Don't tell {starhim}!|A "
        "surprise party! {star} doesn't know anything yet.) >> {A} wants to give {star} a surprise party.",
    "[!surprise]A: (Let's have a party.|I thought of a small party.|I want to give {starhim} a party.|{star} has always "
        "wanted a real party.) >> {A} wants to give {star} a party.",
    "[surprise]B: (I love surprises.|I won't say a word.|My lips are sealed.|But {starhe} notices everything!)",
    "[!surprise]B: (Good idea.|That sounds nice.|I'm in.|Count on me.)",
    "B: (And where?|Where do you want to do it?|Do you have a place for it?|Where would it be?)",
    "A: ({spot}, I think.|I've thought of doing it {spot}.|{spot}, if the weather is good.|It could be {spot}.) (We'd be "
        "about {people}.|I'd invite about {people} people.|There will be {people} of us.|) >> {A} wants the party to be "
        "{place}.",
    "& 35 aside B",
    "[gift]B: (What could we give {starhim}?|And the present?|Do you have an idea for a present?|Shall we buy something "
        "together?)",
    "[gift]A: (How about {gift}?|I thought of {gift}.|Maybe {gift}?|What do you think of {gift}?) (Everybody could give "
        "{cost} {cur}.|If everyone pays {cost} {cur}, it works.|That's {cost} {cur} for each of us.) >> {A} suggests {gift} as "
        "a present.",
    "[gift]B: (Perfect, {starhe} will love it.|{star} needs that anyway. Good choice.|I don't know. {starhe} already has "
        "one. But all right.|Great. I'll collect the money.) (|I can buy it tomorrow.)",
    "[food]A: (Could you do the food?|Would you take care of the food?|Somebody has to make the food.|I can't cook. Can "
        "you help?)",
    "[food]B: (I'll make {cake}.|I could bring {cake}.|Of course, I'll make my {cake}.|How about {cake}? I can do that.) "
        ">> {B} will make {cake}.",
    "[food]A: (Lovely. I'll buy the drinks.|Great, and I'll see to the drinks.|{star} will be so happy. I'll get drinks "
        "and bread.|Then I only have to buy something to drink.) >> {A} buys the drinks.",
    "[guests]B: (Who else is coming?|Who do you want to invite?|Have you invited anybody yet?|Is {guest} coming too?)",
    "[guests]A: (The whole class, and {guest}, of course.|All the old friends. Only {guest} can't come, {guesthe} is in "
        "{city}.|Everybody, but {guest} has not answered yet.|I've asked all of them. Could you call {guest}?)",
    "[guests]B: (I'll write the invitations.|I can send the invitations today.|Leave the invitations to me.|Shall I write "
        "the invitations? I'd like to.) >> {B} writes the invitations.",
    "[guests]A: (That would be a great help.|Yes, please. I'm no good at that.|You're a treasure.|Oh, thank you. Then I "
        "can do the music.)",
    "[clash]B: (Oh no, on that day I'm in {city}.|What a pity, I have to work then.|I can't come, I'll be in {city} with "
        "my {kin}.|That's the day of my exam, I can't come.) >> {B} cannot come on that day.",
    "[clash]A: (What about {other}?|Then let's do it on {other} instead.|Could you come on {other}?|And if we had the "
        "party on {other}?)",
    "[clash]B: ({other} is fine.|Yes, on {other} I'm free.|That would work. Are you sure?|That's kind of you. Yes, I could "
        "come then.) >> {B} can come on {other}.",
    "[clash]A: (Then {other} it is.|Good, I'll tell the others.|A party without you would be no party.|Great, so we'll "
        "move it.)",
    "& 50 bye A",
    "= kind [surprise]a surprise party|[!surprise]a (birthday |)party",
    "= who {star}(|, who turns {age},)",
    "= plan {A} (is planning|wants to give|is organising) {kind} for {who} | {A} and {B} (plan|talk about|are planning) "
        "{kind} for {who} | {star} turns {age} on {when}, and {A} wants to (give {starhim}|organise) {kind}",
    "= where It will be {place} | They want to celebrate {place} | (About|Some) {people} people will come | The party is "
        "{place}(, with about {people} guests|)",
    "= end [gift]they (want to give {starhim}|choose|decide on) {gift}(|, and everybody pays {cost} {cur}) | "
        "[gift]everybody pays {cost} {cur} for {gift} as a present | [food]{B} (makes|will make|brings) {cake}, and {A} (buys|"
        "sees to|gets) the drinks | [food]{A} gets the drinks, while {B} makes {cake} | [guests]{B} (will write|offers to "
        "write|sends) the invitations | [clash]{B} cannot come on that day, so they (move it|change the date) to {other} | "
        "[clash]because {B} has no time, the party is moved to {other}",
    "S {plan}. {where}. {end}.",
    "S {plan}. {end}.",
    "S {plan} {place}. {end}.",
    "S {star} (will be|turns) {age}, (so {A} plans {kind}|and {A} wants to celebrate it) {place}. {end}.",
    "Q Whose birthday is it?|For whom is the party?|Who has a birthday? => {star}",
    "Q How old will {star} be?|What age does {star} turn? => {age}",
    "Q Where will the party be?|Where do they want to celebrate? => {place}",
    "Q When is the birthday of {star}?|On which day is the birthday? => on {when}",
    "Q How many people will come? => (about |){people}",
    "[gift]Q What is the present?|What will they give {star}? => {gift}",
    "[gift]Q How much does everyone pay? => {cost} {cur}",
    "[food]Q What will {B} make?|What food does {B} bring? => {cake}",
    "[food]Q Who buys the drinks? => {A}",
    "[guests]Q Who writes the invitations?|Who takes care of the invitations? => {B}",
    "[clash]Q When is the party in the end?|To which day do they move it? => on {other}",
    "Q Is the party a surprise? => ([surprise]yes|[!surprise]no)",
    "Q How do they divide the work?|What do they agree on? => {end}",
    "# car repair|a car at the garage|trouble with the car",
    "@ tn",
    "$ noise,noiseS it makes a terrible noise when I brake~it makes a noise when braking|the engine doesn't start when "
        "it's cold~the engine does not start when it is cold|a red light is on all the time~a red light is always on|there's a "
        "strange smell inside~it has a strange smell|it loses oil~it loses oil|the heating only blows cold air~the heating "
        "does not work|the left window won't close~the left window does not close|the clutch slips on hills~the clutch slips|"
        "the indicator blinks like mad~the indicator does not work properly|it shakes at high speed~it shakes at high speed|"
        "the horn goes off by itself~the horn goes off by itself|smoke comes out of the bonnet~smoke comes out of it||the "
        "wipers have stopped working~the wipers do not work",
    "$ car {colour} van|old {colour} car|small {colour} car|family car|company car",
    "$ cause the brakes|the battery|a loose cable|the fuel pump|an old filter|a broken belt|the spark plugs|the exhaust|"
        "the radiator|a worn bearing|the gearbox|a mouse in the engine|the wiring||a rusty pipe",
    "$ cost {#80-480*20}",
    "$ ready {weekday} at {time}|{weekday} evening|{weekday}||Saturday morning",
    "$ trip a wedding in {city}|a holiday in {country}|a meeting in {city}|a family party|a concert in {city}||a fair in "
        "{city}",
    "! repair|cheap|sell|wait",
    "! 50 trip",
    "! 35 loan",
    "& 30 formal B",
    "A: (Hello, |Good morning, |)(there's something wrong with my {car}.|I have a problem with my {car}.|could you have a "
        "look at my {car}?|my {car} is giving me trouble.) (|You see, |I think ){noise}. >> {A} says that {noiseS}.",
    "B: (Since when?|How long has it been like that?|When did you first notice it?|Does it happen every time?|Has that "
        "happened before?)",
    "A: (Only since last {weekday}.|Only for {#2-6} days.|It began on the motorway.|It has become worse this week.|I "
        "noticed it on the way to work.)",
    "B: (Let me have a look. |I'll open it up. |Leave it with me for a moment. |)(I think it's {cause}.|I'm quite sure "
        "it's {cause}.|It looks like {cause} to me.|Ah, I see. The reason is {cause}.) >> {B} thinks that the reason is "
        "{cause}.",
    "[!cheap]A: (Is that expensive?|What will it cost?|Oh dear. How much is that?|And how much would the repair be?)",
    "[!cheap]B: (About {cost~} {cur}.|I'd say {cost} {cur}.|With everything, {cost} {cur}.|It will be about {cost} {cur}, "
        "work included.) >> The repair costs about {cost} {cur}.",
    "[!cheap]& 20 confirm A cost",
    "[!cheap]& 25 remark A",
    "[repair&trip,wait&trip]A: (I need it for {trip}.|You see, I want to drive to {trip}.|I'm on my way to {trip}, so I "
        "need it soon.) >> {A} needs the car for {trip}.",
    "[repair&!trip,wait&!trip]A: (All right, it has to be done.|Well, I need the car.|That's more than I thought, but "
        "please do it.|Fine. When will it be ready?)",
    "[repair]B: (You can have it back on {ready}.|It will be ready on {ready}.|Come again on {ready}, then it's done.|I "
        "can have it ready by {ready}.) >> The car will be ready on {ready}.",
    "[repair&loan]A: (Can I borrow a car until then?|Do you have another car for me until then?|How do I get to work "
        "without a car?)",
    "[repair&loan]B: (Yes, you can take the little one over there.|We have one for such cases. It's free.|I can lend you a "
        "bicycle, if you like.)",
    "[repair]A: (Good, I'll be here.|That's soon enough.|Excellent. Here are the keys.|OK. Please call me if anything "
        "changes.)",
    "[wait]B: (But I have to order the part, and it won't be here before {ready}.|The trouble is that the part only comes "
        "on {ready}.|I'm sorry, I don't have the part. It will take until {ready}.) >> The part will not arrive before {ready}.",
    "[wait&trip]A: (Then it's too late. I'll go by train.|That's too late for me. I'll have to rent a car.|Oh no. Then I "
        "must ask my {kin} for a car.)",
    "[wait&!trip]A: (That long? And can I drive until then?|Is it dangerous to drive with it?|And what do I do until then?)",
    "[wait]B: (I wouldn't drive it, it isn't safe.|Please leave it here. It's better that way.|I'm sorry, I can't change "
        "that.)",
    "[cheap]A: (Oh dear. Is that a lot of work?|And is it serious?|What does that cost?|Can you repair it today?)",
    "[cheap]B: (Not at all. Give me ten minutes.|It's only a small thing. You can wait here.|That's nothing. I'll do it "
        "right now.) (I won't charge you for that.|And it costs nothing.|It's free of charge.) >> {B} repairs it at once for "
        "nothing.",
    "[cheap]A: (Really? You're very kind.|What good luck!|I was afraid it would be expensive.|Then please take this for "
        "the coffee box.)",
    "[sell]A: (That's more than the car is worth!|For this old thing? That's too much.|I won't pay that. I'd rather buy "
        "another one.|Then I'd rather sell it.) >> {A} does not want to pay for the repair.",
    "[sell]B: (I understand. I could buy it from you for parts.|You may be right. I have a good used one outside.|It's up "
        "to you. It has done a lot of miles.|Honestly, I'd do the same.)",
    "[sell]A: (Let me think about that.|Good. I'll talk about it at home first.|Thanks for being honest.|How sad. It was a "
        "good car.)",
    "& 30 thanks A",
    "= prob {A's} car has a problem: {noiseS} | {A} (takes|brings) {Ahis} car to {B} because {noiseS} | {A} (tells|"
        "explains to) {B} that something is wrong with {Ahis} {car} and {noiseS} | {A} (needs help with|is worried about) "
        "{Ahis} car because {noiseS}",
    "= why (the reason|the cause) is {cause} | {B} (thinks|says|finds) that it is {cause}",
    "= end [repair]it (will be|can be) repaired by {ready} for about {cost} {cur} | [repair]the repair costs about {cost} "
        "{cur} and will be done on {ready} | [repair]{A} can have it back on {ready} (for|and pays) about {cost} {cur} | "
        "[wait]the (part|spare part) will not be there before {ready} | [wait&trip]since the part only comes on {ready}, {A} "
        "cannot use the car for {trip} | [cheap]{B} (repairs|mends) it at once (for nothing|without asking for money|free of "
        "charge) | [sell]{A} (finds|considers) {cost} {cur} too much and does not want the repair | [sell]as the repair costs "
        "{cost} {cur}, {A} would rather (have another car|give the car up)",
    "S {prob}. {why}. {end}.",
    "S {prob}. {why}, and {end}.",
    "S {prob}. {end}.",
    "S {B} (has a look at|examines) {A's} {car} and finds that it is {cause}. {end}.",
    "Q What is wrong with {A's} car?|What is the problem with the car?|What does the car do? => {noiseS}",
    "Q What is the reason, as {B} thinks?|What causes the problem? => {cause}",
    "Q What kind of car does {A} have? => {a car}",
    "[!cheap]Q How much would the repair cost?|What does {B} ask for the repair? => about {cost} {cur}",
    "[repair]Q When will the car be ready? => on {ready}",
    "[wait]Q When will the part arrive? => on {ready}",
    "[repair&trip,wait&trip]Q What does {A} need the car for?|Why is {A} in a hurry? => for {trip}",
    "[cheap]Q Does {A} have to pay? => no",
    "[sell]Q Does {A} want the repair? => no",
    "Q How does it end?|What is decided? => {end}",
    "Q Where are they? => at a garage",
    "# a blocked bank card|trouble at the bank|a problem with a bank card",
    "@ tn",
    "$ place the supermarket|a petrol station|the cash machine in {street}|a restaurant in {city}|the chemist's|a hotel in "
        "{city}|the greengrocer's|a kiosk in {street}|the stationery shop|the hardware store|a flower stall|a bicycle shop||a "
        "toy shop",
    "$ odd {#140-980*20}",
    "$ oddplace a jewellery shop in {city}|an online shop|a camera shop in {city}|a hotel in {city}|a casino|a night club "
        "in {city}|a tattoo studio|a perfume shop|a spare parts dealer in {city}|an airline counter|a computer store in {city}|"
        "a pet shop in {city}||a furniture shop in {city}",
    "$ new {#3-8} days|a week|ten days||two weeks",
    "$ branch the branch in {street}|the main branch|the branch at the station",
    "$ digits {#1020-9870*10}",
    "! pin|fraud|old|limit",
    "! 40 cash",
    "! 35 check",
    "B: (Good morning|Good afternoon|Hello){,A}. (What can I do for you?|How can I help you?|How may I help you?)",
    "A: (My card doesn't work any more.|The machine has kept my card.|I can't pay with my card.|I'm afraid my card is "
        "blocked.) (I wanted to pay at|I tried to use it at|It happened at|I noticed it at) {place}. >> {A} cannot use {Ahis} "
        "card.",
    "B: (Let me look. |One moment, please. |I'll check that for you. |I see. )(Can you tell me the last four numbers?|What "
        "are the last four numbers of your card?|I need the last four numbers, please.)",
    "A: ({digits}.|It ends in {digits}.|The last numbers are {digits}.|Wait a moment. {digits}.) >> The card ends in "
        "{digits}.",
    "[check]B: (And your date of birth, please?|And your name, please?|Could I also see your passport?)",
    "[check]A: (Here you are.|Yes, here is my passport.|It's all on this paper.)",
    "[pin]B: (Somebody typed the wrong number three times|The wrong number was entered three times|You typed a wrong "
        "number three times), so it was blocked. >> The wrong number was entered three times.",
    "[pin]A: (Oh, that was me. I mixed it up with another number.|That may have been my {kin}.|Yes, I was tired and mixed "
        "up the numbers.|How stupid of me. I have a new number and forgot it.)",
    "[pin]B: (No problem, I can open it again right now.|I can unblock it for you at once.|That's easy. I'll set it free "
        "again.) (Please choose a new number.|It will work again in ten minutes.|You can use it again from tomorrow.) >> {B} "
        "unblocks the card.",
    "[fraud]B: (There was a payment of {odd} {cur} at {oddplace}. Was that you?|Did you pay {odd} {cur} at {oddplace} "
        "yesterday?|We blocked it because of a payment of {odd} {cur} at {oddplace}.) >> There was a payment of {odd} {cur} at "
        "{oddplace}.",
    "[fraud]A: (No! I've never been there.|That wasn't me.|Certainly not. I was at work all day.|Good heavens, no. Is my "
        "money gone?)",
    "[fraud]B: (Don't worry, you'll get the money back.|The bank will pay it back to you.|You won't lose anything.) (I'll "
        "order a new card. It takes {new}.|You'll have a new card in {new}.) >> {A} gets a new card and the money back.",
    "[old]B: (Your card is simply too old. It ended last month.|The card was only valid until last month.|It's out of "
        "date. We sent you a new one.) >> {A's} card is out of date.",
    "[old]A: (But I never got a new one.|Really? Nothing has come with the post.|I moved house in {month}. Perhaps you "
        "sent it to the old address.)",
    "[old]B: (Then I'll send another one to {street}.|I see. I'll have a new one sent to {street}.|That's the reason. The "
        "new card will go to {street} then.) (Is that right?|Is that your address?) >> A new card will be sent to {street}.",
    "[old]A: (Yes, that's right.|Exactly.|Yes, number {#11-98}.)",
    "[limit]B: (You can only take out {odd} {cur} a week, and you have reached that.|Your limit is {odd} {cur} a week. "
        "You've already used it.|You've spent more than your limit of {odd} {cur}.) >> {A} has reached the limit of {odd} "
        "{cur} a week.",
    "[limit]A: (Can that be changed?|Is it possible to raise the limit?|But I need more this week. My washing machine is "
        "broken.|Could you make it a bit more?)",
    "[limit&!cash]B: (I'm afraid not before next month.|Not with this kind of account.|I'm sorry, I can't decide that. "
        "You'd have to talk to {branch}.) >> {B} cannot raise the limit.",
    "[limit&cash]B: (Yes, I can double it for this week.|I'll double it until Sunday.|Of course. I'll set it to twice as "
        "much.) >> {B} doubles the limit.",
    "[fraud&cash]A: (And how do I get cash until then?|I have no money in my pocket. What do I do?|And what can I use "
        "until then?)",
    "[fraud&cash]B: (You can get cash at {branch} with your passport.|Go to {branch} and show your passport.|They'll give "
        "you cash at {branch}.) >> {A} can get cash at {branch}.",
    "[limit&!cash]A: (What a pity.|Then I'll have to ask my {kin} for help.|That's annoying.|I see. Well, I'll wait.)",
    "& 50 thanks A",
    "= prob {A's} bank card (is blocked|does not work any more|has stopped working) | {A} cannot (pay with|use) {Ahis} "
        "bank card (at {place}|any more) | {A} (goes to the bank|asks for help) because {Ahis} card does not work",
    "= why [pin]the wrong number was (typed|entered) three times | [fraud]somebody (has used it|paid with it) at "
        "{oddplace} for {odd} {cur} | [old]it is out of date | [limit]{A} has reached the limit of {odd} {cur} a week",
    "= end [pin]{B} (unblocks it|makes it work again) | [pin]{B} can (unblock it|free it) at once | [fraud]{A} (will get|"
        "gets) the money back and a new card(| in {new}) | [fraud&cash]{A} can get cash at {branch} until a new card comes | "
        "[old]a new one will be sent to {street} | [old]{B} will send a new one to {street} | [limit&cash]{B} doubles the "
        "limit for {Ahim} | [limit&!cash]{B} cannot (raise|change) the limit",
    "S {prob}. {B} (finds out|sees|explains) that {why}. {end}.",
    "S {prob} because {why}. {end}.",
    "S {prob}, (as|because) {why}, and {end}.",
    "S {B} (tells|explains to) {A} that {Ahis} card does not work because {why}. {end}.",
    "Q What is {A's} problem?|Why does {A} come to the bank?|What does not work? => {A's} card (is blocked|does not work)",
    "Q Where did {A} want to pay?|Where did it happen? => at {place}",
    "Q What are the last four numbers of the card? => {digits}",
    "Q Why does the card not work?|What is the reason? => {why}",
    "[fraud]Q How much was paid with the card? => {odd} {cur}",
    "[fraud]Q Did {A} pay at {oddplace}? => no",
    "[old]Q Where will the new card be sent? => to {street}",
    "[limit]Q Does {B} change the limit? => ([cash]yes|[!cash]no)",
    "[fraud&cash]Q Where can {A} get cash? => at {branch}",
    "Q What does {B} do?|How does it end?|What happens next? => {end}",
    "# housework|a quarrel about the dishes|sharing a flat",
    "@ ff",
    "$ mess,messS the dishes have been in the sink for {#2-5} days~the dirty dishes|there are clothes all over the "
        "bathroom~the clothes in the bathroom|nobody has taken out the rubbish~the rubbish|the kitchen floor is sticky~the "
        "dirty kitchen floor|the fridge is full of old food~the old food in the fridge|the bath is full of hair~the dirty bath|"
        "the windows are so dirty that it looks like fog~the dirty windows|there are crumbs all over the sofa~the crumbs on "
        "the sofa|your muddy boots are on my rug~the muddy boots|the plants on the balcony have withered~the withered plants|"
        "the mirror is covered with toothpaste~the dirty mirror||the oven smells of burnt fish~the dirty oven",
    "$ whyI,whyS I've had so much work~{Bhe} has had a lot of work|I had an exam~{Bhe} had an exam|I was ill~{Bhe} was ill|"
        "it was your turn~{Bhe} thinks that it was {A's} turn|I didn't see it~{Bhe} did not see it||I hurt my hand~{Bhe} has "
        "hurt {Bhis} hand",
    "$ one cook|clean the kitchen|do the shopping|wash the clothes|mop the floor|scrub the bathtub|iron the shirts|tidy "
        "the hallway",
    "$ two clean the bathroom|take out the rubbish|water the plants|sweep the stairs|dust the shelves|empty the dishwasher|"
        "carry the bottles away|defrost the freezer|hoover the carpets||feed the fish",
    "$ day {day}",
    "$ cost {#20-45*5}",
    "$ guest my parents|my {kin}|the landlord|two friends from {city}",
    "$ guestwhen tonight|tomorrow|on {day}",
    "! plan|now|cleaner|fight",
    "! 45 guest",
    "& 25 hello A",
    "A: ({B,}we have to talk. |Can I say something{,B}? |I can't stand it any more{,B}. |{B,}have you looked around? "
        "){mess}. >> {A} complains about {messS}.",
    "B: (I know. |Oh, that. |I'm sorry, |Don't be so strict, |Well, ){whyI}. >> {B} says that {whyS}.",
    "[guest]A: (But I'm expecting {guest}, {guestwhen}!|And I've invited {guest}. They'll see it {guestwhen}!|What will "
        "{guest} think {guestwhen}?) >> {A} is expecting {guest} {guestwhen}.",
    "[!guest]A: (I know, but that's no excuse.|You always say that.|And I have to live with it.|We share this flat, don't "
        "we?)",
    "& 35 aside B",
    "[plan]B: (Let's make a plan.|We need a plan, then.|What if we share the work?|I suggest that we divide it fairly.) (I "
        "could {one}, and you {two}.|I'll {one} if you {two}.|I'd rather {one}. Would you {two}?) >> {B} offers to {one}.",
    "[plan]A: (That's a deal.|Fine, I don't mind that.|All right, let's try it.|OK. We'll write it on the door.) >> {A} "
        "will {two}.",
    "[plan]B: (And on {day} we do the rest together.|Then everything will be clean on {day}s.|Good. We start on {day}.|And "
        "{day} is cleaning day.) >> They start on {day}.",
    "[now]B: (You're right. I'll do it right now.|OK, give me an hour, and it'll be done.|I'll start at once.|I'm ashamed. "
        "I'll do it before dinner.) >> {B} will do it at once.",
    "[now]A: (Really? Then I'll {two}.|Good. I can {two} meanwhile.|Thank you. And I'll {two}.|That's the right answer. "
        "I'll {two}.) >> {A} will {two}.",
    "[now]B: (Together it's quicker.|And afterwards we'll have some ice cream.|Good, and let's put on some music.|You're "
        "nicer than me.)",
    "[cleaner]B: (Why don't we pay somebody to do it?|I've thought about a cleaner.|My {kin} knows someone who cleans.) "
        "(It would be {cost} {cur} a week.|It costs {cost} {cur} a week.|For {cost} {cur} a week we'd have peace.) >> {B} "
        "wants to pay a cleaner.",
    "[cleaner&!guest]A: (Half of it each? All right.|I'd pay for that, yes.|If we share the cost, I agree.|That's worth "
        "it. Let's do that.) >> {A} agrees.",
    "[cleaner&guest]A: (I can't afford that. I'd rather do it myself.|No, I don't want a stranger in our flat.|So much "
        "money? We have hands, too.|That's lazy. We can do it ourselves.) >> {A} is against it.",
    "[cleaner&!guest]B: (Great. I'll call on {day}.|Good, then we won't quarrel any more.|I'll see to it.|I feel better "
        "already.)",
    "[cleaner&guest]B: (All right, then I'll {one}.|OK. I'll {one} today.|Then let's begin. I'll {one}.)",
    "[fight]B: (And what about you? You never {one}!|Look at yourself! When did you last {one}?|I {one} all the time, and "
        "you don't see that.) >> {B} says that {A} does too little, too.",
    "[fight]A: (That's not true!|How can you say that?|I did that only yesterday.|That's completely different.)",
    "[fight]B: (I'm tired of this. Maybe I should move out.|If you don't like it, look for another flat.|Let's talk about "
        "it on {day}. I'm too angry now.)",
    "[fight]A: (Maybe that's the best.|Fine. Think about it.|All right. We're both too angry now.|I didn't want to fight, "
        "you know.)",
    "= comp {A} (complains to {B} about|is angry about|is annoyed with {B} because of) {messS} | {A} and {B} (talk|"
        "quarrel) about {messS} (in the flat that they share|at home)",
    "= why {B} (says|explains) that {whyS} | [guest]{A} is expecting {guest} {guestwhen}",
    "= end [plan]they decide to share the work: {B} will {one}, and {A} will {two} | [plan]{B} will {one} if {A} will "
        "{two} | [now]{B} (will do it at once|promises to do it at once), and {A} will {two} | [cleaner&!guest]they agree to "
        "pay a cleaner {cost} {cur} a week | [cleaner&!guest]{B} suggests a cleaner for {cost} {cur} a week, and {A} agrees | "
        "[cleaner&guest]{B} suggests a cleaner, but {A} is against it | [cleaner&guest]{A} does not want a cleaner for {cost} "
        "{cur} a week, so {B} will {one} | [fight]they end up fighting, and nothing is (solved|decided) | [fight]{B} (accuses "
        "{A} in return|says that {A} does too little, too), and they do not agree",
    "S {comp}. {why}. {end}.",
    "S {comp}. {end}.",
    "S {comp}, and {end}.",
    "Q What does {A} complain about?|What is {A} angry about? => {messS}",
    "Q What is {B's} excuse?|Why has {B} not done the work? => {whyS}",
    "[guest]Q Who is coming? => {guest}",
    "[plan]Q What will {B} do? => {one}",
    "[plan,now]Q What will {A} do? => {two}",
    "[cleaner]Q How much would a cleaner cost? => {cost} {cur} a week",
    "[cleaner]Q Does {A} want a cleaner? => ([guest]no|[!guest]yes)",
    "[fight]Q Do they agree in the end? => no",
    "[plan]Q On which day do they start? => on {day}",
    "Q How do {A} and {B} know each other?|Where do they live? => they share a flat",
    "Q How does it end?|What do they decide? => {end}",
    "# the first day at work|a new colleague|showing somebody around",
    "@ ff",
    "$ job {job}",
    "$ floor first|second|third|fourth|fifth",
    "$ boss Mr {surname}|Mrs {surname}",
    "$ lunch half past twelve|a quarter past twelve|one o'clock|noon||half past one",
    "$ place the canteen|{cafe}|the little park behind the house|the bakery across the street",
    "$ from {city}",
    "$ warn the printer never works|the coffee is terrible|the meetings are very long|it's always cold in the mornings|the "
        "lift is slow|the chairs squeak|the canteen only serves cabbage|everybody whispers|the boss sings in the corridor|the "
        "alarm goes off every week||the windows don't open",
    "$ taskI,taskS sort the letters~sorts the letters|answer the phone~answers the phone|read the handbook~reads the "
        "handbook|write a list of all customers~writes a list|water the plants~waters the plants|copy the invoices~copies the "
        "invoices|set up the projector~sets up the projector|pack the samples~packs the samples|translate a "
        "brochure~translates a brochure|tidy the archive~tidies the archive|check the orders~checks the orders",
    "$ thing a key|a computer|a desk|a chair|a name badge||a locker",
    "$ fear making mistakes|forgetting all the names|the boss|being too slow|talking on the phone|spilling coffee on the "
        "keyboard|the strict supervisor|getting lost in the building|the first meeting|answering in {language}",
    "$ when {weekday}",
    "! lunch|task|worried|missing",
    "! 50 from",
    "! 40 warn",
    "A: (Excuse me, I'm new here. |Hello, it's my first day here. |Good morning. I'm starting here today. )(My name is "
        "{A!}.|I'm {A!}, the new {job}.|I'm {A!}.) (Could you show me around?|Can you tell me where I have to go?|I don't know "
        "anybody yet.|I'm looking for the office of {boss}.) >> {A} is new at work.",
    "B: (Welcome{,A}! |Hello{,A}, nice to meet you. |Good morning{,A}. We've been waiting for you. )(I'm {B!}.|My name is "
        "{B!}.|I'm {B!}, I work next door to you.) >> {B} welcomes {A}.",
    "B: (Our boss, {boss}, sits on the {floor} floor.|{boss}, our boss, has the office on the {floor} floor.|Come with me. "
        "First we go to {boss} on the {floor} floor.) >> The office of {boss} is on the {floor} floor.",
    "[from]B: (Where did you work before?|And where do you come from?|Are you from here?)",
    "[from]A: (I come from {from}. I only moved here last week.|I grew up in {from}, but I live here now.|I was in {from} "
        "until last month.) >> {A} comes from {from}.",
    "& 35 aside A",
    "[warn]A: (What are the people like?|Do you like it here?|Is it a good place to work?)",
    "[warn]B: (It's fine, but {warn}.|I like it. Only {warn}.|The people are nice. But {warn}.|You'll see. {warn}, but "
        "otherwise I'm happy.) >> {B} says that {warn}.",
    "[lunch]A: (And when is lunch?|Where do people have lunch?|What do you do in the lunch break?)",
    "[lunch]B: (We go to {place} at {lunch~}. Come with us!|At {lunch} most of us go to {place}. Would you like to come "
        "along?|I always go to {place} at {lunch}. Do you want to join me?) >> {B} invites {A} to come along to lunch.",
    "[lunch]A: (I'd love to.|That's nice of you. Yes!|Gladly, I have nothing with me.|With pleasure. Thank you.)",
    "[lunch]B: (Good, I'll pick you up.|Great. The others are curious about you.|Then see you later.)",
    "[task]A: (And what shall I do first?|What can I do now?|Where do I start?)",
    "[task]B: (You could {taskI} first.|At the beginning everybody has to {taskI}.|Please {taskI}, then we'll see.|{boss} "
        "wants you to {taskI} first.) >> {A} should {taskI} first.",
    "[task]A: (That's easy.|All right. And if I have questions?|I can do that.|I'll try. How long do I have?)",
    "[task]B: (Just ask me, I'm in the next room.|Take your time. Nobody is in a hurry on the first day.|If you need help, "
        "just shout.|Come to me when you're done.)",
    "[worried]A: (I'm quite nervous. I'm afraid of {fear}.|To be honest, I couldn't sleep. I'm afraid of {fear}.|I hope it "
        "goes well. I'm afraid of {fear}.) >> {A} is afraid of {fear}.",
    "[worried]B: (Don't worry. I felt the same on my first day.|Everybody is at first. It passes.|You don't have to be. "
        "We're all friendly here.) (I'll help you during the first week.|You can always come to me.|I'll sit with you for the "
        "first days.) >> {B} will help {A}.",
    "[worried]A: (That's a relief.|I feel better already.|You're very kind.|Thank you. I was lucky to meet you.)",
    "[missing]A: (Where's my place?|And where will I sit?|Where can I put my things?)",
    "[missing]B: (Over there by the door. But {thing} is still missing.|Oh dear, they've forgotten {thing} for you.|I'm "
        "afraid you don't have {thing} yet.) (It will come on {when}.|You'll get it on {when}.|Until {when}, you'll have to do "
        "without.) >> {A} has to wait for {thing} until {when}.",
    "[missing]A: (And what do I do until then?|Really? They've known about me for weeks.|How shall I work like that?|"
        "That's all right.)",
    "[missing]B: (You can use mine when I'm in a meeting.|Just share mine.|I'm sorry. It's always like that here.|We'll "
        "find something for you.)",
    "= first (it is {A's} first day at work|{A} is new at work|{A} starts a new job), and {B} (shows {Ahim} around|"
        "welcomes {Ahim}|tells {Ahim} about the place) | on {Ahis} first day at work, {A} meets {B} | {B} (welcomes|shows "
        "around) a new colleague, {A}",
    "= info the boss, {boss}, is on the {floor} floor | [from]{A} comes from {from} | [warn]{B} says that {warn}",
    "= end [lunch]{B} invites {Ahim} to come to {place} at {lunch} | [lunch]at {lunch} they will (have lunch together|go "
        "to {place}) | [task]{A} (should|has to|must) {taskI} first | [task]{B} tells {Ahim} to {taskI} first | [worried]{A} "
        "is afraid of {fear}, but {B} (will help {Ahim}|promises to help) | [worried]{B} promises to help {Ahim}, as {Ahe} is "
        "afraid of {fear} | [missing]{A} must wait for {thing} until {when} | [missing]{A} will only get {thing} on {when}",
    "S {first}. {end}.",
    "S {first}. {info}. {end}.",
    "S {first}. {info}, and {end}.",
    "Q Who is new?|Who starts a new job?|Whose first day is it? => {A}",
    "Q Who shows the new colleague around?|Who has worked there for longer? => {B}",
    "Q What is the name of the boss?|Who is the boss? => {boss}",
    "Q On which floor is the office of the boss? => on the {floor} floor",
    "[from]Q Where does {A} come from? => from {from}",
    "[warn]Q What does {B} not like at work? => {warn}",
    "[lunch]Q Where do they have lunch? => at {place}",
    "[lunch]Q When do they have lunch? => at {lunch}",
    "[task]Q What should {A} do first? => {taskI}",
    "[worried]Q What is {A} afraid of? => {fear}",
    "[missing]Q What does {A} not have yet? => {thing}",
    "[missing]Q Until when does {A} have to wait? => until {when}",
    "Q What does {B} do for {A}?|How does it end? => {end}",
    "# cooking together|a dinner at home|making a meal",
    "@ ff",
    "$ dish {dish}",
    "$ other {dish}",
    "$ guestI,guestS my parents~{A's} parents|the neighbours~the neighbours|some friends from work~some friends from work|"
        "my {kin} and a friend~{A's} {kin} and a friend|our teachers~the teachers||my new colleagues~{A's} new colleagues",
    "$ missing,instead onions~leeks|butter~oil|cream~yoghurt|sugar~honey|olive oil~butter|milk~water|cheese~breadcrumbs|"
        "pepper~chilli|tomatoes~ketchup||vinegar~lemon juice|parsley~mint",
    "$ planI,planS Let's order pizza~order pizza|Let's go out to {cafe} instead~go to {cafe}|We still have bread and "
        "cheese~have bread and cheese|I'll make {dish}, that's quick~have {dish} instead",
    "$ time {evening}",
    "$ minutes {#20-60*5} minutes",
    "$ jobI,jobS peel the potatoes~peels the potatoes|chop the vegetables~chops the vegetables|set the table~sets the "
        "table|wash the salad~washes the salad|watch the water~watches the water|whisk the eggs~whisks the eggs|knead the "
        "dough~kneads the dough|slice the mushrooms~slices the mushrooms|squeeze the oranges~squeezes the oranges|polish the "
        "glasses~polishes the glasses|fold the napkins~folds the napkins||grate the carrots~grates the carrots",
    "! shop|replace|burnt|change",
    "! 60 job",
    "& 25 hello A",
    "A: ({B,}can you help me in the kitchen? |I need a hand in the kitchen{,B}. |What a day! |)(I've invited {guestI} for "
        "tonight|{guestI} are coming tonight|Tonight I'm cooking for {guestI}|I'm expecting {guestI} for dinner)(.| at "
        "{time~}.) (I want to make|I'm going to make|I'd like to cook|I thought of) {dish}. >> {A} wants to make {dish} for "
        "{guestS}.",
    "B: (Sounds delicious. |Lovely. |I love that. |Oh, {dish}! |)(What can I do?|How can I help?|Shall I help you?|Tell me "
        "what to do.|Do you have everything?)",
    "[job]A: (You could {jobI}.|Could you {jobI}, please?|If you {jobI}, I can do the rest.|Please {jobI}.) >> {B} should "
        "{jobI}.",
    "[job]B: (No problem.|I'm good at that.|With pleasure. Where's the knife?|Sure, give me a minute.)",
    "[shop,replace]A: (Oh no, we have no {missing}!|I've forgotten the {missing}!|Where is the {missing}? I was sure we "
        "had some.|There isn't any {missing} left.) >> There is no {missing}.",
    "[shop]B: (The shop on the corner is still open.|I can run to the shop.|Shall I get some?|I'll quickly go and buy "
        "some.) >> {B} will buy {missing}.",
    "[shop]A: (Would you? You're a darling.|Yes, please, but hurry.|Please do, and bring some bread, too.|That would be "
        "great. Here's some money.)",
    "[shop]B: (I'll be back in {minutes}.|Give me {minutes}.|It won't take more than {minutes}.|Don't start without me.)",
    "[replace]B: (You can take {instead} instead.|My {kin} always uses {instead}.|Try {instead}. It tastes even better.|It "
        "also works with {instead}.) >> {B} suggests using {instead}.",
    "[replace]A: (Really? I've never tried that.|{instead}? Are you sure?|Good, we have that.|Hmm, if you say so.)",
    "[replace]B: (Trust me, nobody will notice.|I've done it many times.|You'll be surprised.|It's an old trick.)",
    "[replace]A: (All right, let's try it.|OK, but if it's bad, it was your idea.|Mmm, you're right, it's good.|Fine. We "
        "have no choice anyway.) >> {A} uses {instead}.",
    "[burnt]B: ({A,}can you smell that? |Wait, what's that smell? |Is something burning? |There's smoke! )(Look at the "
        "stove!|What about your {dish}?|Quick, open the window!) >> {B} smells that something is burning.",
    "[burnt]A: (Oh no! It's all black.|It's burnt! And they come at {time}!|I completely forgot it! Everything is ruined.|"
        "I only talked on the phone for a moment. Now it's burnt!) >> The {dish} is burnt.",
    "[burnt]B: (Don't cry. |It's not so bad. |That can happen. |Don't worry. ){planI}. >> {B} suggests that they {planS}.",
    "[burnt]A: (How embarrassing.|You're right. They'll laugh about it.|Good that you're here.|And next time I'll use a "
        "clock.)",
    "[change]B: (But didn't you say that they don't eat meat?|Do they like that? I thought they were on a diet.|Wait. "
        "Isn't one of them allergic to {missing}? There's {missing} in it.|Doesn't that take hours? They'll be here soon.)",
    "[change]A: (Oh, I forgot about that!|You're right. What shall I do now?|Good that you thought of it.|Oh dear. Do you "
        "have a better idea?)",
    "[change]B: (Make {other}. It's easy and quick.|How about {other}?|I'd make {other}.|We have everything for {other}.) "
        ">> {B} suggests making {other}.",
    "[change]A: (Perfect, {other} then.|That's it! I'll make {other}.|Yes, everybody likes {other}.|All right, let's make "
        "{other}.) >> {A} will make {other}.",
    "& 35 aside B",
    "= plan {A} (wants to make|is cooking|is going to make) {dish} for {guestS} | {A} has invited {guestS} and wants to "
        "make {dish} | {guestS} are invited to dinner, and {A} wants to make {dish}",
    "= end [shop](there is no {missing} left|the {missing} is missing), so {B} (will buy|goes to buy|offers to buy) some | "
        "[shop]{B} (goes|runs) to the shop for the missing {missing} | [replace](as there is no {missing}|because the "
        "{missing} is missing), {B} suggests {instead} | [replace]{B} (advises|tells) {A} to use {instead} instead of the "
        "missing {missing} | [burnt]everything burns, so they will {planS} | [burnt]the food is burnt, and {B} suggests that "
        "they {planS} | [change]{B} (advises|tells) {Ahim} to make {other} instead | [change](in the end|after a talk with "
        "{B}) {Ahe} will make {other} | [change]{B} suggests {other}, and {A} likes the idea",
    "= help {B} helps {Ahim}(| in the kitchen)",
    "S {plan}. {end}.",
    "S {plan}, ([shop,burnt]but|[replace,change]and) {end}.",
    "S {plan}. {help}. {end}.",
    "S {A} (asks {B} to help|needs help) with a dinner for {guestS}. {end}.",
    "Q What does {A} want to cook?|What dish does {A} plan? => {dish}",
    "Q Who is coming for dinner?|For whom does {A} cook? => {guestS}",
    "[shop,replace]Q What is missing?|What have they forgotten to buy? => {missing}",
    "[replace]Q What do they use instead? => {instead}",
    "[job]Q What should {B} do to help? => {jobI}",
    "[change]Q What will {A} cook in the end? => {other}",
    "[burnt]Q What happens to the food? => it is burnt",
    "[shop]Q Who goes to the shop? => {B}",
    "Q How does it end?|What do they do? => {end}",
    "# asking for a day off|a talk with the boss|holiday from work",
    "@ ft",
    "$ day {weekday}",
    "$ other {weekday}",
    "$ whyI,whyS my {kin} is getting married~somebody in {Ahis} family is getting married|I have to take my {kin} to "
        "hospital~{Ahe} has to take somebody to hospital|I'm moving to another flat~{Ahe} is moving|my daughter starts "
        "school~{Ahis} daughter starts school|I have a driving test~{Ahe} has a driving test|the plumber is coming~the plumber "
        "is coming|I have to be in {city} for a funeral~{Ahe} has to go to a funeral in {city}|my new kitchen is being "
        "delivered~{Ahis} new kitchen is being delivered|I have to sign a contract at the notary~{Ahe} has to see a notary|my "
        "dog needs an operation~{Ahis} dog needs an operation|I'm taking part in a chess tournament~{Ahe} is playing in a "
        "chess tournament|my twins have their first concert~{Ahis} children have a concert|I have to renew my passport~{Ahe} "
        "has to renew {Ahis} passport||I'm running a marathon in {city}~{Ahe} is running a marathon in {city}",
    "* mate",
    "$ task the report|the order for {company}|the new price list|the plan for next month|the letter to {company}|the "
        "invoices|the catalogue|the presentation for {company}|the inventory|the newsletter|the travel budget||the contract "
        "with {company}",
    "$ hours {#2-4} hours|half a day",
    "$ firm {company}",
    "! yes|swap|half|no",
    "! 50 task",
    "A: ({B,}do you have a moment?|{B,}may I ask you something?|Excuse me{,B}, can I talk to you?|Can I come in{,B}?)",
    "B: (Sure, come in.|Of course{,A}. What is it?|Yes{,A}, sit down.|If it doesn't take long.|I have five minutes. What's "
        "up?)",
    "A: (I'd like to take {day~} off.|Could I have {day} off?|I need a day off on {day}.|Would it be possible to stay at "
        "home on {day}?) >> {A} wants to have {day} off.",
    "B: ({day}? That's very soon.|Hmm, we have a lot to do on {day}.|May I ask why?|Is it important?|What's the reason?)",
    "A: (Yes. {whyI}.|You see, {whyI}.|Well, {whyI}.|It's because {whyI}.) (I know it's not a good time.|I only heard "
        "about it yesterday.|) >> {A} explains that {whyS}.",
    "[task]B: (And what about {task}?|Is {task} ready?|But {task} must be finished this week.) >> {B} asks about {task}.",
    "[task]A: (It's almost done.|I'll finish it before that.|I'll stay longer tonight and do it.|I finished it yesterday.)",
    "[yes]B: (Then of course you can have the day.|All right. Enjoy it.|No problem. You've worked hard.|In that case, "
        "yes.) >> {B} gives {A} the day off.",
    "[yes]A: (Thank you so much.|That's very kind of you.|Thanks, I'll work longer next week.|I really appreciate it.)",
    "[swap]B: (Only if somebody takes your place.|You need somebody who does your work on that day.|We can't be without "
        "you. Can anyone take over?) >> {A} needs somebody to take over.",
    "[swap]A: (I've already asked {mate}. {matehe} would do it.|{mate} could do it, I think.|{mate} is free on that day.|I "
        "helped {mate} last month, so {matehe} owes me a favour.) >> {mate} could take over.",
    "[swap]B: (Good. If {mate} agrees, it's fine.|{mate}? All right then.|OK, but {mate} must tell me personally.|Then I "
        "have nothing against it.)",
    "[half]B: (The whole day is impossible. You can have {hours}.|I can't spare you all day. {hours} would be all right.|"
        "How about {hours}? More is not possible.) >> {B} offers {hours}.",
    "[half]A: (That would be enough.|Well, better than nothing.|If I hurry, that works.|Could it be in the morning?)",
    "[half]B: (Good, then we agree.|Fine. Please write it in the calendar.|All right. Don't tell the others!)",
    "[no]B: (I'm sorry, but two people are ill already.|I can't allow that. We have visitors from {firm} on that day.|It's "
        "impossible this week.|I'm afraid I have to say no.) (But you can have {other} off.|You could take {other} instead.|"
        "How about {other}?) >> {B} refuses but offers {other}.",
    "[no]A: (On {other} it's too late.|Unfortunately it can't be moved.|That doesn't help me.|Hmm. I'll try to change it "
        "to {other}.)",
    "[no]B: (I really am sorry.|Next time ask me earlier, please.|You'll have to find another way.|My hands are tied.)",
    "= ask {A} (asks {B} for a day off on {day}|asks for a day off on {day}|wants to have {day} off|would like to take "
        "{day} off) because {whyS} | {whyS}, so {A} (asks {B} for a day off on {day}|wants to have {day} off)",
    "= ask {A} asks {Ahis} boss for a day off because {whyS}",
    "= end [yes]{B} (agrees|allows it|gives {Ahim} the day off) | [yes&task]{B} agrees, as {A} (says|promises) that {task} "
        "will be ready | [swap]{B} (allows it|agrees) if {mate} takes over | [swap]{mate} will take over, so {B} agrees | "
        "[half]{B} only (allows|gives {Ahim}) {hours} | [half]they agree on {hours} | [no]{B} (refuses|says no) and (offers|"
        "suggests) {other} | [no]{B} does not allow it and offers {other} instead",
    "S {ask}. {end}.",
    "[task]S {ask}. {B} asks about {task}. {end}.",
    "S {ask}, ([yes,swap]and|[half,no]but) {end}.",
    "Q On which day does {A} want to be free?|Which day does {A} want to take off? => {day}",
    "Q Why does {A} need a day off?|What is {A's} reason? => because {whyS}",
    "[task]Q What work does {B} ask about? => {task}",
    "[swap]Q Who could take over?|Who will do {A's} work? => {mate}",
    "[half]Q How much time does {A} get? => {hours}",
    "[no]Q Which day does {B} offer instead? => {other}",
    "Q Does {B} agree? => ([yes,swap]yes|[no]no|[half]only in part)",
    "Q Who is the boss?|Which of them is the boss? => {B}",
    "Q What does {B} say?|What does {B} decide?|How does it end? => {end}",
    "# a dentist's appointment|changing an appointment|a call to the dentist",
    "@ tn",
    "$ office the practice of Dr {surname}",
    "$ old {weekday} at {time}",
    "$ first {weekday} at {time}",
    "$ second {weekday} at {time}",
    "$ late {#2-5} weeks",
    "$ whyI,whyS I have to go to {city} for work~{Ahe} has to go to {city}|my child is ill~{Ahis} child is ill|I have an "
        "exam~{Ahe} has an exam|my boss needs me on that day~{Ahis} boss needs {Ahim}|I have no car on that day~{Ahe} has no "
        "car|my babysitter is ill~{Ahis} babysitter is ill|I'm at a trade fair~{Ahe} is at a trade fair|my car is being "
        "inspected~{Ahis} car is being inspected|I'm expecting a delivery~{Ahe} is expecting a delivery|I must go to a "
        "parents' evening~{Ahe} must go to a parents' evening||I have to go to court~{Ahe} has to go to court",
    "$ tooth a back tooth|a front tooth|a wisdom tooth|two teeth|a tooth on the left||a broken tooth",
    "! new|move|pain|cancel",
    "! 55 firstno",
    "B: (Good morning|Good afternoon|Hello), {office}. (What can I do for you?|How can I help you?|)",
    "[new]A: (I'd like to make an appointment|I need an appointment|Could I get an appointment)(.|, please.) (It's time "
        "for a check-up.|I haven't been there for a year.|It's only for a check-up.|I'm new in town.) >> {A} wants an "
        "appointment for a check-up.",
    "[pain]A: (I'm in terrible pain. |Please help me. |I didn't sleep all night. )({tooth} hurts|{tooth} has been hurting "
        "since yesterday|I have a pain in {tooth})(.|, and it's getting worse.) >> {A} has a pain in {tooth}.",
    "[move]A: (I have an appointment on {old~}, but I can't come.|I'm afraid I can't come on {old}.|I'd like to change my "
        "appointment on {old}.|Could I come some other time than on {old}?) >> {A} cannot come on {old}.",
    "[cancel]A: (I want to cancel my appointment on {old}.|I have an appointment on {old}, but I don't need it any more.|"
        "Please cancel my appointment on {old}.) >> {A} wants to cancel the appointment on {old}.",
    "[move]B: (Oh, why not?|What's the matter?|I see. Has something come up?)",
    "[move]A: ({whyI}.|You see, {whyI}.|Unfortunately {whyI}.|Yes, {whyI}.) >> {A} says that {whyS}.",
    "[cancel]B: (Is there a reason?|May I ask why?|Don't you want another one?)",
    "[cancel]A: (It doesn't hurt any more.|I'm moving to {city} next week.|I've found a dentist near my office.|To be "
        "honest, I'm afraid.)",
    "[cancel]B: (All right, I'll cross it out.|That's a pity, but all right.|Good that you called.|Fine. Call us again "
        "when you need us.) >> {B} cancels the appointment.",
    "[new,move,pain]B: (And your name, please?|What's your name?|Could you give me your name?)",
    "[new,move,pain]A: ({A!}.|My name is {A!}.|It's {A!}.)",
    "[pain]B: (Then come at once. We'll fit you in.|Can you be here in half an hour?|Come right now, but you may have to "
        "wait.) >> {A} can come at once.",
    "[pain]A: (Thank you! I'm on my way.|I'll take a taxi.|You're saving my life.|I don't mind waiting.)",
    "[pain]B: (Please bring your card.|And don't eat anything before.|Until then, put something cold on it.)",
    "[new,move]B: (How about {first~}?|I have something on {first}.|You could come on {first}.|There's a free place on "
        "{first}.) >> {B} offers {first}.",
    "[new&firstno,move&firstno]A: (That's not possible, I'm at work.|I'm sorry, I can't come then.|Don't you have anything "
        "else?|That's a bad time for me.) >> {A} cannot come on {first}.",
    "[new&firstno,move&firstno]B: (Then what about {second}?|Let me see. Maybe {second}?|The next one would be {second}.|I "
        "could also offer you {second}.) >> {B} offers {second}.",
    "[new&!firstno,move&!firstno]& 25 confirm A first",
    "[new&firstno,move&firstno]& 25 confirm A second",
    "[new,move]A: (That suits me.|That's perfect.|Yes, I can make it.|Good, I'll take that.)",
    "[new,move]B: (Good, see you then.|I've written it down.|Fine. Please be on time.|All right. Bring your card, please.)",
    "& 30 thanks A",
    "= want [new]{A} (calls the dentist for a check-up|wants an appointment for a check-up at the dentist's|phones "
        "{office} for an appointment) | [move]{A} cannot (come to|keep) {Ahis} (dentist's|) appointment on {old} because "
        "{whyS} | [move]{A} wants to change {Ahis} dentist's appointment because {whyS} | [pain]{A} calls the dentist because "
        "of a pain in {tooth} | [pain]{A} has a pain in {tooth} and calls {office} | [cancel]{A} calls the dentist to cancel "
        "{Ahis} appointment on {old} | [cancel]{A} does not need {Ahis} appointment with the dentist on {old} any more",
    "= end [new&firstno,move&firstno]{first} is not possible, so they (agree on|choose) {second} | "
        "[new&firstno,move&firstno]as {A} has no time on {first}, {Ahe} will come on {second} | "
        "[new&!firstno,move&!firstno]{Ahe} (can|will) come on {first} | [new&!firstno,move&!firstno]{B} offers {first}, (and "
        "{A} agrees|which suits {A}) | [pain]{B} (tells {Ahim} to come|says that {Ahe} can come) at once | [pain]{A} can come "
        "(right now|at once) and is grateful | [cancel]{B} (crosses it out|cancels it) after asking for the reason",
    "S {want}. {end}.",
    "S {want}, and {end}.",
    "S {want}. (On the phone, |){end}.",
    "[new,move]Q When will {A} go to the dentist?|For when is the new appointment? => on ([firstno]{second}|"
        "[!firstno]{first})",
    "[move]Q Why can {A} not come?|What is the reason for the change? => because {whyS}",
    "[move,cancel]Q When was the old appointment? => on {old}",
    "[pain]Q What hurts?|Where does {A} have a pain? => {tooth}",
    "[new,move,pain]Q What is {A's} name?|What is the name of the patient? => {A}",
    "Q Where does {A} call?|Whom does {A} call? => (the dentist|the dentist's practice)",
    "[firstno&new,firstno&move]Q On which day and time can {A} not come? => on {first}",
    "Q How does it end?|What does {B} do? => {end}",
    "# asking for directions|finding the way|lost in town",
    "@ nn",
    "$ goal the museum|the hospital|the post office|the swimming pool|the town hall|the old theatre|the police station|the "
        "bus station|the zoo|the concert hall|the cathedral|the youth hostel|the courthouse|the stadium|the maternity ward|the "
        "lost property office|the opera house|the embassy|the cemetery|the tourist office||the botanical garden|the harbour",
    "$ mark the bank|the church|the supermarket|the bridge|the park|the big school|a red house|the traffic lights|the "
        "chemist|the roundabout|the fire station|the pedestrian zone|the monument|the shopping centre|the crossroads|the "
        "butcher||the water tower|the statue",
    "$ side left|right",
    "$ far {#5-20*5} minutes",
    "$ bus bus {#3-48}|tram {#2-12}||the ferry",
    "$ stop {#3-9} stops",
    "$ street {street}",
    "$ instead the castle|the market hall|the rose garden|the science museum|the old harbour|the art gallery|the cathedral "
        "tower|the maritime museum|the sculpture park|the aquarium|the old mint|the observatory||the puppet museum|the "
        "monastery",
    "! walk|bus|stranger|closed",
    "! 35 rain",
    "! 50 buy",
    "A: (Excuse me, |Sorry to bother you, |Pardon me, |Hello, )(how do I get to {goal}?|could you tell me the way to "
        "{goal}, please?|I'm looking for {goal}.|do you know where I can find {goal}?|is this the way to {goal}?) >> {A} asks "
        "for the way to {goal}.",
    "[stranger]B: (I'm sorry, I'm not from here.|I'm afraid I'm a stranger here myself.|Sorry, I only arrived today.|I "
        "have no idea, I'm a tourist too.) >> {B} is not from here.",
    "[stranger]A: (Oh, I see.|That's a pity.|You too?|Never mind.) (Is there anybody I could ask?|Do you have a map, by "
        "any chance?|My phone is dead, so I can't look it up.|I've been walking in circles for an hour.)",
    "[stranger]B: (But there's a map next to {mark}.|You could ask in the shop next to {mark}.|Try the tourist office near "
        "{mark}.|The man in the kiosk by {mark} might know.) >> {B} tells {A} to ask near {mark}.",
    "[stranger]A: (Good idea. |I'll do that. |All right. )(Thank you anyway.|Thanks, enjoy your stay.|Have a nice day.)",
    "[!stranger]B: (Oh, that's easy.|Let me think.|Yes, I know it well.|You're going the wrong way.|That's a bit "
        "complicated.|It isn't far.)",
    "[walk]B: (Go straight on to|Go down this street as far as|Walk along {street} to) {mark}, then turn {side~}. (You'll "
        "see it at once.|It's next to a pharmacy.|You can't miss it.|Then it's on the other side.) >> At {mark}, {A} has to "
        "turn {side}.",
    "[walk]A: (So {side} at {mark}?|And there I turn {side}?|First straight on, and at {mark} to the {side}?|Is it {side} "
        "or straight on at {mark}?)",
    "[walk]B: (Exactly, {side}.|Yes, {side} at {mark}.|That's right.|Correct, then you're almost there.)",
    "[walk&!rain]A: (How long does it take?|Is it far on foot?|How far is it?|Can I walk there?)",
    "[walk&!rain]B: (About {far}.|It's {far} on foot.|Not more than {far}.|It takes me {far}, but I walk slowly.) >> It "
        "takes about {far}.",
    "[bus&!rain]A: (Can I walk there?|Is it far?|I'd rather walk, if I can.|How long does it take on foot?)",
    "[bus&rain]A: (Can I walk there in this rain?|Is it far? I have no umbrella.|I'll get wet, won't I?)",
    "[bus]B: (It's too far to walk.|On foot you'd need over an hour.|I wouldn't walk, it's up a hill.|No, that's on the "
        "other side of the town.) (Take|You'd better take|I'd take) {bus} from {mark} (and get off after {stop}|and ride "
        "{stop}). >> {B} tells {A} to take {bus}.",
    "[bus]& 35 confirm A bus",
    "[bus&buy]A: (And where do I get a ticket?|Where do I buy the ticket?|Can I get a ticket on board?)",
    "[bus&buy]B: (You can buy it from the driver.|There's a machine at the stop.|Ask in the kiosk over there.)",
    "[bus&!buy]A: (How often does it go?|Do I have to wait long?)",
    "[bus&!buy]B: (Every ten minutes or so.|Three times an hour, I think.|I'm not sure. There's a timetable at the stop.)",
    "[closed]B: (But I think it's closed today.|But it's {weekday}, so it's closed.|But you won't get in, they are "
        "renovating it.|But they close at noon today.) >> {B} thinks that {goal} is closed.",
    "[closed]A: (Closed? Oh no.|Are you sure? My guide says nothing about it.|And I've come all this way!|What a pity. I "
        "leave tomorrow.)",
    "[closed]B: (You could visit {instead} instead. It's near {mark}.|But {instead} is open, and it's just behind {mark}.|"
        "If I were you, I'd go to {instead}, next to {mark}.|Why don't you have a look at {instead}? It's close to {mark}.) >> "
        "{B} suggests {instead}.",
    "[closed]A: (I've never heard of that. Is it interesting?|That sounds good, too.|Is it worth a visit?|Good idea. How "
        "do I get there?)",
    "[closed]B: (Oh yes, I like it a lot.|I'm sure you'll enjoy it. It's only {far} from here.|Yes, especially with "
        "children. It takes {far} on foot.|Just follow this street.)",
    "[!stranger]A: (Thank you very much.|Thanks for your help.|Great, thanks.|You're very kind, thank you.)",
    "[!stranger]B: (You're welcome.|No problem. Have a nice day.|Not at all.|My pleasure.|)",
    "= ask {A} (asks (|{B} )(for|about) the way to|wants to go to|is looking for|does not know how to get to|is trying to "
        "find) {goal}",
    "= end [walk]{B} (tells {A}|explains that {Ahe} has|says {Ahe} has) to turn {side} at {mark} | [walk]{A} (must|has to|"
        "should) go to {mark} and turn {side}(|, which takes about {far}) | [bus](it is too far to walk, so|as it is far,) {B} "
        "(advises|tells) {Ahim} to take {bus} from {mark} | [bus]{B} (recommends|suggests) {bus}, which leaves from {mark}, "
        "for {stop} | [stranger]{B} (is not from here either|is a stranger too) but (tells {Ahim} to ask|knows that there is "
        "help) near {mark} | [stranger]{B} does not know the town and sends {A} to {mark} | [closed]{B} (says that it is "
        "closed|thinks it is closed) and (suggests|recommends) {instead} near {mark} | [closed]because it is closed, {B} "
        "(suggests|recommends) {instead} instead",
    "S {ask}. {end}.",
    "S {ask}, and {end}.",
    "S {A} (does not know the town well|is lost|does not know the way) and (wants to go to|looks for) {goal}. {end}.",
    "S {A} stops {B} in the street to ask about {goal}. {end}.",
    "Q Where does {A} want to go?|What is {A} looking for?|Which place does {A} want to find? => {goal}",
    "[walk]Q Where does {A} have to turn?|At which place should {A} turn? => at {mark}",
    "[walk]Q In which direction must {A} turn?|Should {A} turn left or right? => {side}",
    "[walk]Q How long does it take on foot? => about {far}",
    "[bus]Q What should {A} take?|How should {A} get there? => {bus}",
    "[bus]Q Where does {A} get on?|Where does it leave from? => from {mark}",
    "[closed]Q Which other place does {B} suggest?|Where can {A} go instead? => {instead}",
    "[stranger]Q Does {B} know the way?|Can {B} help with the way? => no",
    "[!stranger]Q Does {B} know the town? => yes",
    "Q What does {B} say?|What does {B} tell {A}?|How does {B} help? => {end}",
    "Q Who asks for help?|Who does not know the way? => {A}",
    "# a complaint in a restaurant|a wrong dish|ordering a meal",
    "@ sn",
    "$ dish {dish}",
    "$ got {dish}",
    "$ drink a glass of water|a beer|apple juice|a pot of tea|a glass of red wine|tomato juice|lemonade|iced tea|a jug of "
        "tap water|white wine|ginger ale|buttermilk||mineral water with lemon",
    "$ wait {#20-50*5} minutes|half an hour|almost an hour",
    "$ off {#3-12}",
    "$ trouble,troubleS it's cold~it is cold|there's a hair in it~there is a hair in it|it's much too salty~it is too "
        "salty|it's burnt at the bottom~it is burnt|there's meat in it, and I don't eat meat~there is meat in it|it's still "
        "raw in the middle~it is raw in the middle|the fish smells strange~the fish smells strange|the meat is as tough as "
        "leather~the meat is tough|it tastes of soap~it tastes of soap|there's an insect in it~there is an insect in it|the "
        "noodles are soggy~the noodles are soggy||there's a piece of glass in it~there is glass in it",
    "$ sweet ice cream|a coffee|a dessert|a piece of cake|a bowl of sherbet|an espresso|cheesecake|fresh strawberries|a "
        "slice of lemon tart||a glass of wine",
    "$ food food|meal|dinner",
    "! wrong|bad|late|money",
    "! 60 order",
    "[order]B: (Good evening{,A}. |Hello{,A}. |)(Are you ready to order?|What would you like?|Have you chosen something?|"
        "What can I bring you?)",
    "[order]A: (I'll have {dish}, please.|I'd like {dish}.|{dish}, please.|What do you recommend? Oh, I see {dish}. I'll "
        "take that.) (And {drink}.|With {drink}, please.|And to drink, {drink}.) >> {A} orders {dish}.",
    "[order&!late]B: (Here you are. Enjoy your meal!|Certainly. There you are. Enjoy!|Of course. So, here is your food. "
        "Enjoy it.|A good choice. Here it comes.)",
    "[order&late]B: (Certainly.|A good choice.|It won't take long.|Thank you. Just a moment.)",
    "[order&!late]& 25 remark A",
    "[wrong]A: (Excuse me, I ordered {dish}, but this is {got}.|I'm sorry, but this isn't {dish}. It's {got}.|Is this "
        "{dish}? It looks like {got} to me.|There must be a mistake. I wanted {dish}, and you brought {got}.) >> {A} got {got} "
        "instead of {dish}.",
    "[bad,money]A: (Excuse me, I can't eat this {food}: {trouble}.|I'm not happy with my {food}: {trouble}.|I'm sorry to "
        "say it, but there's a problem with my {food}: {trouble}.) >> {A} complains about {dish}: {troubleS}.",
    "[late]A: (Excuse me, I've been waiting for {wait}.|Where is my {food}? I ordered it {wait} ago.|Have you forgotten "
        "me? I've been sitting here for {wait}.) >> {A} has been waiting for {wait}.",
    "B: (I'm very sorry{,A}. |I do apologise. |Oh, how embarrassing. |Oh no, I'm so sorry. )(It's my first day here.|The "
        "kitchen is in chaos today.|I must have mixed up the tables.|We have two large parties tonight.|I don't know how that "
        "could happen.)",
    "[wrong]B: (I'll bring you the {dish} at once.|You'll have your {dish} in five minutes.|I'll change it right away.) "
        "(And {sweet} is on the house.|You'll get {sweet} for free.|) >> {B} will bring the right dish.",
    "[wrong]A: (All right, I'm not in a hurry.|Thank you, that's nice.|No problem, it can happen.|I hope so, I'm very "
        "hungry.)",
    "[bad]B: (Shall I bring you a new one, or something else?|I'll bring you another one.|May I offer you something else?)",
    "[bad]A: (I'd rather have {got}.|Could I have {got} instead?|Bring me {got}, please.|No more {food}, please. I'll take "
        "{got}.) >> {A} would like {got} instead.",
    "[bad]B: (Of course. You won't have to wait long.|Gladly, and the drink is on us.|I'll tell the cook at once.|"
        "Certainly. I'll hurry.)",
    "[late]B: (I'll ask in the kitchen. |Let me look what's going on. |One moment, please. )(It will be here in two "
        "minutes.|They are just finishing it.|The cook had cut his finger. It's coming now.) (You'll get {sweet} for free.|I'd "
        "like to offer you {sweet} for free.|{sweet} will be on the house.) >> {A} gets {sweet} for free.",
    "[late]A: (Well, that's a nice gesture.|All right, I'll wait.|I hope it's worth it.|Thank you. I was about to leave.)",
    "[money]B: (Can I bring you something else?|I'll bring you a new one.|Would you like to see the menu again?)",
    "[money]A: (No, thank you. I've lost my appetite.|No. I only want the bill.|I don't want anything any more.|No, "
        "thanks, I have to go now.)",
    "[money]B: (Then I'll take {off} {cur} off the bill.|Of course. You'll pay {off} {cur} less.|I understand. We'll take "
        "off {off} {cur}.) >> {B} takes {off} {cur} off the bill.",
    "[money]A: (That's the least you can do.|I should hope so.|Fine. But I won't come again.|OK, thank you.)",
    "= comp [wrong]{A} (ordered|wanted) {dish} but (got|was given) {got} (instead|by mistake) | [wrong]{A} (complains|"
        "tells {B}) that {Ahe} got {got} instead of {dish} | [bad,money]{A} (complains about|is not happy with) {Ahis} {food} "
        "because {troubleS} | [bad,money]{A} (complains|tells {B}) that something is wrong with the {food}: {troubleS} | "
        "[late]{A} (complains|is annoyed) because {Ahe} has been waiting for {Ahis} {food} for {wait} | [late]{A} has been "
        "waiting for {Ahis} food for {wait} and complains",
    "= end [wrong]{B} (says sorry|apologises) and (will change it|brings the {dish}|will bring the right one) | [bad]{A} "
        "(asks for|chooses|takes) {got} instead | [bad]{B} (apologises|is sorry) and will bring {got} instead | [late]{B} "
        "(apologises|is sorry) and offers {sweet} for free | [late]{A} gets {sweet} for free as an apology | [money]{B} takes "
        "{off} {cur} off the bill | [money]{A} does not want anything else, and {B} takes {off} {cur} off the bill",
    "S {comp}. {end}.",
    "S {comp}, and {end}.",
    "S (In a restaurant, |At a restaurant, |){comp}. {end}.",
    "[order]S {A} orders {dish} with {drink}. {comp}. {end}.",
    "Q What did {A} order?|What does {A} want to eat? => {dish}",
    "[order]Q What does {A} want to drink? => {drink}",
    "[wrong]Q What does {A} get by mistake?|What did {B} bring? => {got}",
    "[bad,money]Q What is wrong with the food?|Why is {A} not happy? => {troubleS}",
    "[late]Q How long has {A} been waiting? => {wait}",
    "[bad]Q What does {A} want instead? => {got}",
    "[late]Q What does {A} get for free? => {sweet}",
    "[money]Q How much less does {A} have to pay? => {off} {cur}",
    "Q Where are they?|Where does this talk take place? => (at|in) a restaurant",
    "Q What does {B} do about it?|How does it end? => {end}",
    "# seeing a doctor|a visit to the doctor|a medical check-up",
    "@ td",
    "$ pain,ill,cause,causes my throat hurts when I swallow~a sore throat~I sang in the rain for two hours~singing in the "
        "rain|I have a terrible headache~a headache~I've been staring at a screen day and night~working at a screen|my stomach "
        "hurts after every meal~stomach pains~I ate at a new fish restaurant~eating at a fish restaurant|I can't stop coughing "
        "at night~a cough~I've been painting my flat with the windows closed~painting a flat|my back hurts when I bend "
        "down~back pain~I helped my {kin} move house~helping with a move|my left ear hurts and I hear badly~an ear ache~I went "
        "swimming in the cold lake~swimming in a cold lake|my right knee is swollen~a swollen knee~I started running "
        "again~running|I have a rash on both arms~a rash~I changed my washing powder~a new washing powder|my eyes are red and "
        "itchy~itchy eyes~I've been sleeping next to a cat~sleeping next to a cat|my ankle hurts when I walk~a sore ankle~I "
        "jumped off a wall~jumping off a wall|my shoulder is so stiff that I can't lift my arm~a stiff shoulder~I sawed wood "
        "all weekend~sawing wood||I feel dizzy when I get up~dizziness~I only ate apples for a week~eating only apples|my "
        "wrist hurts when I write~a sore wrist~I've been knitting for days~knitting",
    "$ since {#2-6} days|a week|{#2-4} weeks|a month||ten days",
    "$ times once|twice|three times||four times",
    "$ days {#3-7} days",
    "$ clinic {weekday} at {time}",
    "$ spec {surname}",
    "$ allergy penicillin|nuts|aspirin|cats||wheat",
    "! tablets|rest|tests|specialist",
    "! 35 allergic",
    "! 35 cause",
    "! 50 work",
    "B: (Good morning|Good afternoon|Hello){,A}. (Please sit down. |Take a seat, please. |)(What's the trouble?|What seems "
        "to be the problem?|What can I do for you today?|How are you feeling?|What brings you here?)",
    "A: (Good morning{,B}. |Hello{,B}. |Thank you{,B}. |)(I feel awful.|I'm not well.|I don't feel well at all.|It's "
        "probably nothing serious, but I'm worried.|) {pain}. >> {A} has {ill}.",
    "B: (I see. |Hmm. |Oh dear. |All right. )(How long have you had this?|When did it start?|Since when?|How long has this "
        "been going on?)",
    "A: (For about {since}.|It started about {since} ago.|About {since}, I think.|Well, it's been about {since} now.) "
        "(It's getting worse.|It comes and goes.|At first I thought it would go away.|) >> {A} has had it for about {since}.",
    "[cause]B: (Did anything unusual happen before that?|Have you done anything out of the ordinary?|Do you have any idea "
        "what it could be?|What did you do before it started?)",
    "[cause]A: (Nothing special. |Well, |Let me think. )({cause}|{cause}, if that matters).",
    "[cause]B: (That may well be the reason.|That explains it.|That could be it.|Ah, I thought so.) >> {B} thinks that it "
        "comes from {causes}.",
    "[!cause]B: (Do you have a fever?|Are you sleeping well?|Are you eating normally?|Are you taking any medicine at the "
        "moment?)",
    "[!cause]A: (Not really.|As far as I can tell.|I think so.|I'm not sure.) (|But I'm more tired than usual.|I've been "
        "careful, at least.)",
    "[allergic]B: (Are you allergic to anything?|Do you have any allergies?|Is there anything you are allergic to?)",
    "[allergic]A: (Yes, to {allergy}.|I'm allergic to {allergy}.|Only to {allergy}, as far as I know.) >> {A} is allergic "
        "to {allergy}.",
    "B: (Let me have a look. |Let me examine you. |Just relax for a moment, please. |)(Hmm, it doesn't look too serious.|"
        "Well, I don't think it's anything dangerous.|All right, it could be worse.|It's a bit inflamed, but don't worry.)",
    "[tablets]B: I('ll| will) (give you some tablets|prescribe you some tablets|write you a prescription for tablets). "
        "(Take one|You should take one|Please take one) {times} a day(| for {days}|, after meals). >> {B} prescribes tablets, "
        "{times} a day.",
    "[tablets]A: (Before or after meals?|Do they make me tired?|Can I still drive?|Are they strong?)",
    "[tablets]B: (After eating, with a glass of water.|No need to worry, they are quite mild.|You should be fine. Just "
        "drink plenty of water with them.)",
    "[rest]B: (What you need is rest.|The best medicine is rest.|You don't need any medicine, just rest.) (Stay at home|"
        "Stay in bed|Take it easy) for {days}. >> {B} tells {A} to rest for {days}.",
    "[rest&!work]A: (That's not easy with two children.|I'll try.|All right, if you say so.|Can I at least go for walks?)",
    "[rest&work]A: (But I have an important meeting this week.|I can't miss work, we're so busy.|My boss won't like that.|"
        "But I have to work!) >> {A} is worried about work.",
    "[rest]B: (Your health comes first.|I'm serious about it. Otherwise it will take much longer.|Short walks are fine, "
        "but nothing more.|Believe me, you will need the time.)",
    "[tests]B: (I'd like to do some blood tests to be sure.|I want to do some tests before I say more.|We should do some "
        "tests, just to be safe.|Let's do a few tests first.) (Could you come back on {clinic~}?|Can you come in again on "
        "{clinic~}?|Please come again on {clinic~}.) >> {B} wants to do tests on {clinic}.",
    "[tests]A: (Is it something serious?|That fits me.|Yes, I can make it.|Do I have to come without breakfast?)",
    "[tests]B: (Don't worry, it's just to be sure.|Good. Until then, drink a lot and sleep enough.|Most likely it's "
        "harmless.|Fine. You'll get the results the day after.)",
    "[specialist]B: (I'd like you to see a specialist, Dr {spec}|I think a specialist should look at it. Please call Dr "
        "{spec} this week|I'm sending you to a specialist, Dr {spec}|My advice is to see a specialist. Dr {spec} at the "
        "hospital is very good). >> {B} sends {A} to a specialist.",
    "[specialist]A: (Is that really necessary?|How soon can I get an appointment?|Oh. Should I be worried?|All right. Do I "
        "need a letter?)",
    "[specialist]B: (It's better to be careful.|You should be seen this week.|It's just to be on the safe side.|My "
        "receptionist will help you with that.)",
    "& 15 remark A",
    "& 60 thanks A",
    "= doc [kB]{B}|[!kB](the|a) doctor",
    "= goes {A} (goes to see|visits|sees) {doc} (because of|about|with) {ill} | {A} (complains of|comes to {doc} with|"
        "suffers from|goes to {doc} with) {ill} | {A} (has had|has been suffering from) {ill} for about {since}",
    "= end [tablets]{B} (prescribes tablets to be taken {times} a day|prescribes tablets, {times} a day|gives {Ahim} "
        "tablets to take {times} a day) | [rest]{B} tells {A} to (stay at home|rest) for {days} | [rest]{B} advises {days} of "
        "rest(| and no medicine) | [rest&work]{B} tells {A} to rest for {days}, though {Ahe} is worried about work",
    "= end [tests]{B} wants (to do some tests|{A} to come back for tests|{Ahim} to have some tests) on {clinic} | "
        "[specialist]{B} (sends {A} to a specialist, Dr {spec}|wants a specialist, Dr {spec}, to look at it|advises {Ahim} to "
        "see Dr {spec}, a specialist)",
    "= mid [cause]It may come from {causes} | [cause]The reason may be {causes} | [cause]{B} thinks it is because of "
        "{causes} | [!cause]It began about {since} ago | [!cause]{A} has had this for about {since} | [allergic]{A} is "
        "allergic to {allergy}",
    "S {goes}. {mid}. {end}.",
    "S {goes}, (which began about {since} ago|and has had it for about {since}). {end}.",
    "S {goes}. (After an examination|After a few questions|After examining {Ahim}), {end}.",
    "[cause]S {goes}, which may come from {causes}, and {end}.",
    "S (At the doctor's, {A} describes {ill}|{A} tells {doc} about {ill}) (and has had it|that {Ahe} has had) for about "
        "{since}. {end}.",
    "Q What is wrong with {A}?|What does {A} suffer from?|What is the matter with {A}? => {ill}",
    "Q How long has {A} had it?|For how long has {A} been ill? => for about {since}",
    "[cause]Q What may be the cause?|Where may it come from? => {causes}",
    "[allergic]Q What is {A} allergic to? => {allergy}",
    "[tablets]Q How often should {A} take the tablets?|How many times a day are the tablets taken? => {times} a day",
    "[rest]Q How long should {A} rest?|For how long must {A} stay at home? => for {days}",
    "[tests]Q When are the tests?|When should {A} come back? => on {clinic}",
    "[specialist]Q What is the name of the specialist?|Who should {A} see now? => Dr {spec}",
    "Q What does {B} advise?|What does the doctor do?|What is the doctor's advice? => {end}",
    "Q Who is the doctor?|Which of the two is the doctor? => {B}",
    "Q Who is ill?|Who is the patient? => {A}",
    "Q Where are they?|Where does this talk take place? => at the doctor's",
    "# a driving test|learning to drive|news about a driving test",
    "@ ff",
    "$ times second|third|fourth",
    "$ errI,errS I drove through a red light~{Ahe} drove through a red light|I forgot to look in the mirror~{Ahe} forgot "
        "to look in the mirror|I parked on a flower bed~{Ahe} parked on a flower bed|I turned into a one-way street~{Ahe} "
        "turned into a one-way street|I was too fast near a school~{Ahe} was too fast near a school|I stalled the engine on a "
        "hill~{Ahe} stalled the engine|I knocked over a traffic cone~{Ahe} knocked over a cone|I overtook a tractor in a "
        "bend~{Ahe} overtook in a bend|I confused left and right~{Ahe} confused left and right|I didn't give way to an "
        "ambulance~{Ahe} did not give way||I didn't see a cyclist~{Ahe} did not see a cyclist",
    "$ teach Mr {surname}|Mrs {surname}",
    "$ next on {weekday}|on the {#10-20}th of {month}|next week||in {month}",
    "$ trip {city}|the sea|the lake|the mountains||the coast",
    "$ hours {#10-30*2}",
    "$ day {day}",
    "$ time {evening}",
    "! passed|failed|before|stop",
    "! 45 teach",
    "& 55 hello B",
    "[passed,failed]B: (How did your driving test go?|Today was your driving test, wasn't it?|Tell me, how was the driving "
        "test?|So, can I see your driving licence?)",
    "[passed]A: (I passed!|You won't believe it: I passed!|It was hard, but I passed.|I got it! At last!) (It was my "
        "{times} try.|And that at the {times} try.|The {times} time was lucky.) >> {A} has passed the driving test at the "
        "{times} try.",
    "[passed]B: (Congratulations!|That's fantastic!|I knew you could do it.|Well done! I'm proud of you.) (Were you "
        "nervous?|Was it difficult?|What did you have to do?)",
    "[passed]A: (My hands were shaking.|I had to park between two vans.|Terribly. I couldn't eat anything.|It was easier "
        "than I thought.|It rained, and I couldn't see much.)",
    "[passed]& 35 aside A",
    "[passed]B: (And where are you going first?|We have to celebrate that.|And now you can drive us to the sea.|Do you "
        "have a car, too?)",
    "[passed]A: (On {day} I'll drive to {trip}. Do you want to come?|I'd like to drive to {trip} on {day}. Come with me!|I "
        "can borrow a car on {day}. Let's go to {trip}.) >> {A} wants to drive to {trip} on {day}.",
    "[passed]B: (Gladly, if you don't drive too fast.|Is that safe? Just joking. Yes!|I'd love to.|All right, I trust "
        "you.) >> {B} will come along.",
    "[failed]A: (I failed.|Don't ask. I didn't pass.|Not good. I didn't pass.|Badly. I have to do it again.) ({errI}.|You "
        "see, {errI}.|Can you believe it? {errI}.) >> {A} has failed because {errS}.",
    "[failed]B: (Oh, I'm sorry.|What a shame.|Poor you.|That can happen to anyone.) (I failed twice, too.|My {kin} needed "
        "three tries.|Were you nervous?|When can you try again?)",
    "[failed]A: (I'm so angry with myself.|I was far too nervous.|I can try again {next}.|The next test is {next}.) (I'm "
        "thinking of giving up.|I hope I'll be calmer then.|But it costs so much.|)",
    "[failed]& 35 aside A",
    "[failed]B: (Don't give up. |You'll do it next time. |Keep your head up. )(We could practise together on {day}.|Let's "
        "practise on {day}, in the big car park.|I'll practise with you on {day}.) >> {B} offers to practise with {A} on {day}.",
    "[failed]A: (Would you do that? That's so nice.|In your car? You're brave!|Thank you, that would help me a lot.|Good. "
        "I feel better already.)",
    "[before]B: (You look so pale. What's wrong?|Why are you walking up and down?|You're so quiet today.|What are you "
        "reading there?)",
    "[before]A: (My driving test is {next}.|I have my driving test {next}.|It's the driving test. It's {next}.) (I'm so "
        "nervous that I can't sleep.|I'm sure I'll fail.|I've forgotten everything.|I can't think of anything else.) >> {A} is "
        "nervous because of the driving test.",
    "[before]& 35 aside A",
    "[before]B: (But you drive so well!|How many lessons have you had?|You've practised a lot, haven't you?|Everybody is "
        "nervous before that.)",
    "[before]A: (I've had {hours} lessons.|{hours} lessons, but I still can't park.|After {hours} lessons I should be able "
        "to do it.|Yes, {hours} lessons by now.) >> {A} has had {hours} lessons.",
    "[teach&before]A: ({teach} says I'm ready.|{teach} thinks that I'll pass.|But {teach} believes in me.)",
    "[before]B: (Go to bed early, and don't think about it.|Let's go for a walk, that helps.|Drink some tea and take a "
        "deep breath.|Come to my place tonight. We'll watch something funny.) (You'll do it.|I'll keep my fingers crossed.|I'm "
        "sure you'll pass.) >> {B} calms {A} down.",
    "[before]A: (You're right.|I'll try. Thank you.|I wish it was over.|If I pass, I'll invite you for dinner.)",
    "[stop]A: (I've stopped my driving lessons.|I'm not going to learn to drive after all.|I've decided to stop learning "
        "to drive.) >> {A} has stopped learning to drive.",
    "[stop]B: (What? Why?|But you had almost finished!|After all those lessons?|What happened?)",
    "[stop]A: (I've paid for {hours} lessons, and I still can't do it.|After {hours} lessons, I don't have any money left.|"
        "I've had {hours} lessons, and I'm afraid every time.) >> {A} has had {hours} lessons.",
    "[stop]B: (Maybe you need another teacher.|It's a pity, so close to the end.|Do you need a car at all?|You could take "
        "a break and try again later.)",
    "[stop]A: (No, I'll buy a good bicycle.|I live next to the station. The train is enough.|I'd rather buy a bicycle.|In "
        "the city I don't need a car. I'll take the bus.)",
    "[stop]B: (That's healthier, too.|I can drive you when you need something.|You know best.|And it's good for the air.)",
    "& 30 bye A",
    "= news [passed]{A} has passed {Ahis} driving test at the {times} try | [passed]{A} tells {B} that {Ahe} has passed "
        "the driving test | [failed]{A} (has failed|did not pass) {Ahis} driving test because {errS} | [failed]{A} is (sad|"
        "angry) because {Ahe} has failed the driving test: {errS} | [before]{A} is (very |)nervous because of {Ahis} driving "
        "test {next} | [before]{A} (cannot think of anything but|is worried about) the driving test, which is {next} | "
        "[stop]{A} has stopped (learning to drive|taking driving lessons) after {hours} lessons | [stop]{A} tells {B} that "
        "{Ahe} has given up learning to drive",
    "= end [passed]{A} (invites {B} for a drive|wants to drive) to {trip} on {day}, and {B} will come along | [passed]on "
        "{day} they will drive to {trip} (together|) | [failed]{B} (comforts {Ahim} and|) offers to practise with {Ahim} on "
        "{day} | [failed]{B} (encourages {Ahim}|cheers {Ahim} up), and they will practise on {day} | [before]{B} (calms {Ahim} "
        "down|tries to calm {Ahim}|encourages {Ahim}) | [before]{B} is sure that {A} will pass after {hours} lessons | "
        "[stop]{B} is surprised, but {A} (can do without a car|does not need a car) | [stop]{A} would rather (do without a car|"
        "get around without a car)",
    "S {news}. {end}.",
    "S {news}, and {end}.",
    "[passed,failed]S {B} asks about {A's} driving test. {news}. {end}.",
    "Q What do they talk about? => (driving|a driving test|a driving test)",
    "[passed,failed]Q Did {A} pass the test? => ([passed]yes|[failed]no)",
    "[passed]Q Which try was it? => the {times}",
    "[passed]Q Where does {A} want to drive? => to {trip}",
    "[failed]Q Why did {A} fail?|What did {A} do wrong? => {errS}",
    "[before]Q When is the driving test? => {next}",
    "[before,stop]Q How many lessons has {A} had? => {hours}",
    "[before]Q How does {A} feel? => nervous",
    "[stop]Q What has {A} stopped? => learning to drive",
    "[passed,failed]Q What will they do on {day}? => ([passed]drive to {trip}|[failed]practise)",
    "Q What does {B} do or say?|How does it end? => {end}",
    "# choosing a film|going to the cinema|plans for a film",
    "@ ff",
    "$ one {film}",
    "$ two {film}",
    "$ kind a comedy|a love story|a crime story|a film about a band|a family drama|a film about space|a cartoon for adults|"
        "a vampire film|a true story|a silent film with live piano|a thriller|a musical|a war drama|a documentary about whales|"
        "|a western",
    "$ badI,badS it got such bad reviews~it got bad reviews|it's three hours long~it is too long|I've already seen "
        "it~{Bhe} has already seen it|I don't like sad films~{Bhe} does not like sad films|it's too scary for me~it is too "
        "scary for {Bhim}|I can't stand the main actor~{Bhe} does not like the main actor||I've just read the book~{Bhe} has "
        "just read the book",
    "$ when tonight|tomorrow|on {day}|on {day}|this weekend",
    "$ other on {day}",
    "$ time {evening}",
    "$ place {meetplace}",
    "$ price {#6-15}",
    "* friend",
    "! yes|other|home|busy",
    "! 40 friend",
    "& 65 hello A",
    "A: (Would you like to|Do you want to|Shall we|Why don't we) (go to the cinema|see a film|watch a film) {when~}? >> "
        "{A} wants to go to the cinema {when}.",
    "[busy]B: ({when}? I'm sorry, I have to (work|study|help my {kin}).|I'd love to, but I promised to help my {kin}.|I "
        "can't, I already have plans.|No, I'm too tired this week.) >> {B} has no time {when}.",
    "[busy]A: (What a pity. And {other}?|Then what about {other}?|Could you come {other}?|How about {other} then?)",
    "[busy]B: (That works.|Yes, {other} I'm free.|Yes, that's perfect.|I think so. Let me look. Yes.) (What's on?|What do "
        "you want to see?) >> {B} has time {other}.",
    "[!busy]B: (Good idea. |Why not? |Sure. |I'd like that. |Maybe. )(What's on?|What do you want to see?|Is there "
        "anything good?|Which one?)",
    "A: ({one}. It's {kind}.|I'd like to see {one}, {kind}.|There's {one}. They say it's {kind}.|What about {one}? It's "
        "{kind}.|I've heard a lot about {one}. It's {kind}.) >> {A} suggests {one}.",
    "[busy]B: (Great, I've wanted to see that.|Sounds good.|I don't know it, but I trust you.|Oh, good. I've read about "
        "it.)",
    "[yes]B: (Oh yes, I've wanted to see that for weeks.|Sounds good.|My {kin} liked it a lot.|I've read about it. Yes, "
        "let's go.) >> {B} wants to see it too.",
    "[other,home]B: (Oh no, {badI}.|Not that one, {badI}.|Hmm, {badI}.|I don't know, {badI}.) >> {B} does not want to see "
        "{one}.",
    "[other]A: (Then you choose.|What would you like to see?|Do you have a better idea?|And what do you suggest?)",
    "[other]B: ({two}. Everybody talks about it.|How about {two}?|I'd rather see {two}.|They're also showing {two}.) >> "
        "{B} suggests {two}.",
    "[other]A: (All right, {two} it is.|That's fine with me.|OK, but next time I choose.|Yes, I wouldn't mind that.)",
    "[home]A: (Then what shall we do?|So no cinema?|You're difficult!|Do you want to stay at home?)",
    "[home]B: (We could cook at my place instead.|Let's watch something at home instead.|I'd rather stay at home and play "
        "cards.|Come to my place. I have {two}, and it's warm there.) >> {B} would rather stay at home.",
    "[home]A: (Fine, that's cheaper anyway.|OK, I'll bring something to drink.|That's not bad, either.|All right, if you "
        "make popcorn.) >> {A} agrees.",
    "& 35 aside A",
    "[!home&friend]A: (Can {friend} come too?|I'd like to ask {friend}, too.|{friend} might want to join us.) >> {A} wants "
        "to invite {friend}.",
    "[!home&friend]B: (Of course.|The more the better.|Sure, I like {friendhim}.|Only if {friendhe} doesn't talk all the "
        "time.)",
    "[!home]A: (It starts at {time~}.|The film begins at {time}.|We have to be there at {time}.) (Let's meet at {place}.|"
        "I'll wait for you at {place}.|Shall we meet at {place}?) >> They meet at {place}.",
    "[!home]B: (OK. |Good. |All right. |Perfect. )(I'll get the tickets.|How much are the tickets?|I'll be there.|Don't be "
        "late!)",
    "& 45 bye A",
    "= want {A} (wants to go to the cinema|would like to see a film|asks {B} to go to the cinema|invites {B} to the "
        "cinema) {when}",
    "= first [other,home]{B} (does not want|does not like the idea) to see {one} because {badS} | [other,home]{A} suggests "
        "{one}, but {B} is against it because {badS} | [yes]{A} suggests {one}, {kind}, and {B} (likes the idea|agrees) | "
        "[yes]they (decide on|choose) {one} | [busy]{B} has no time then, so they will go {other} | [busy]as {B} is busy, they "
        "will see {one} {other} instead",
    "= end [yes,busy]they (will|want to) meet at {place} at {time} | [yes,busy]the film (starts|begins) at {time}, and "
        "they meet at {place} | [other](in the end|finally) they (decide on|choose|agree on) {two} | [other]they will see "
        "{two} (instead|) and meet at {place} | [home]they (decide to stay|will stay) at home | [home](in the end|so) they "
        "spend the evening at home | [friend&yes,friend&busy,friend&other]{friend} may come too, and they meet at {place}",
    "S {want}. {first}. {end}.",
    "S {A} and {B} (talk about|discuss) which film to see. {first}. {end}.",
    "S {first}. {end}.",
    "Q Which film does {A} suggest?|What does {A} want to see? => {one}",
    "Q What kind of film is {one}? => {kind}",
    "Q When does {A} want to go to the cinema? => {when}",
    "[other,home]Q Why does {B} not want to see {one}?|What does {B} have against {one}? => {badS}",
    "[other]Q Which film do they choose?|What will they see in the end? => {two}",
    "[!home]Q Where do they meet?|Where will they meet? => at {place}",
    "[!home]Q When does the film start?|At what time do they have to be there? => at {time}",
    "[busy]Q When will they go in the end? => {other}",
    "[friend&!home]Q Who else may come?|Who does {A} want to invite? => {friend}",
    "Q Will they go to the cinema? => ([home]no|[!home]yes)",
    "Q How does it end?|What do they decide? => {end}",
    "# renting a flat|looking at a flat|a flat to let",
    "@ tt",
    "$ place a flat in {street}|a two-room flat near the park|a small flat on the third floor|a furnished flat near the "
        "station|a flat with a balcony in {street}|a loft in an old factory|a basement flat in {street}|a cottage with two "
        "rooms|a studio near the university|a flat above the bakery||an attic flat with a view of the river",
    "$ rent {#450-950*50}",
    "$ less {rent-50}",
    "$ move the first of {month}|the end of {month}|the middle of {month}||the tenth of {month}",
    "$ plus a balcony|a new kitchen|a big cellar|a parking space|a garden|a bath|big windows|a shared laundry|a wooden "
        "floor|built-in cupboards|a view of the harbour||a fireplace",
    "$ minus the kitchen is very small|there is no lift|the street is noisy|the heating is old|there is no washing machine|"
        "the bedroom is dark|the walls are thin|the stairs are steep|there is mould in the bathroom|the landlord lives "
        "upstairs|the trams pass every few minutes|the ceiling is low||the windows look on a factory",
    "$ pets,pet2 {a pet}~{pet}",
    "$ by {day}",
    "! takes|thinks|declines|bargain",
    "! 40 pet",
    "! 40 who",
    "A: (Hello, I'm calling about|Good afternoon, I saw your advert for|Hello, I'm interested in|Good morning, I'd like to "
        "ask about) {place}. Is it still (free|available)? >> {A} is interested in {place}.",
    "B: (Yes, it is.|Yes, it is, but many people have called.|It is. You are the first to ask.|Yes, still.) (Would you "
        "like to know more?|What would you like to know?|Do you know the area?|)",
    "[who]B: (Is it just for you?|Who would be living there?|How many people would move in?)",
    "[who]A: (Just me. I work as {a job}.|My {kin} and I.|It's for me alone. I'm {a job}.|Two of us, me and a friend from "
        "work.)",
    "A: (How much is the rent?|What's the rent?|And what does it cost a month?|Could you tell me the rent?)",
    "B: ({rent} {cur} a month(|, with heating|, without electricity).|It's {rent} {cur} a month(|, everything included).|"
        "The rent is {rent} {cur}.) (|It has {plus}.|And there is {plus}.) >> The rent is {rent} {cur} a month.",
    "& 25 confirm A rent",
    "[pet]A: (Are pets allowed?|I have {pets}. Is that a problem?|May I bring my {pet2}?|One more thing: I have {pets}.) "
        ">> {A} has {pets}.",
    "[pet]B: (As long as it's quiet, I don't mind.|No problem, I like animals.|One is fine, but not two.|The neighbours "
        "have pets too, so yes.) >> {B} allows the pet.",
    "[pet]A: (Good.|I'm glad.|That's a relief.)",
    "[declines]A: (And is there anything that I should know?|What are the disadvantages?|Is it really so good? What's the "
        "catch?|I've read that {minus}. Is that true?)",
    "[!declines]A: (When could I move in?|And from when is it free?|When is it available?)",
    "[!declines]B: (From {move} on.|It's free from {move}.|You could move in from {move} on.|It will be free from {move}.) "
        ">> {A} could move in from {move} on.",
    "[declines]B: (I'll be honest, {minus}.|Well, {minus}.|Some people don't like that {minus}.|To tell you the truth, "
        "{minus}.) >> {B} says that {minus}.",
    "[declines]A: (Then it's not right for me, I'm afraid.|Oh. In that case I'll keep looking.|That's a problem. I think "
        "I'd better look for something else.|I'm sorry, but then I don't want it.) >> {A} does not want the flat.",
    "[declines]B: (I understand. Good luck.|That's a pity, but thank you for being honest.|Well, it's better to know "
        "before.|No hard feelings. I hope you find something.)",
    "[takes]A: (That sounds perfect. I'll take it.|I like it. I'd like to rent it.|Wonderful, then I want it.|All right, "
        "it's just what I need. I'll take it.) >> {A} takes the flat.",
    "[takes]B: (Great. |Very good. |I'm glad. )(I'll send you the contract|I'll prepare the contract|You can sign the "
        "contract tomorrow|Then let's sign the contract this week).",
    "[thinks]A: (I need to think about it.|I have to talk to my {kin} first.|I'd like to see two other flats first.|Can I "
        "sleep on it?) >> {A} wants to think about it.",
    "[thinks]B: (Of course, but please tell me by {by}.|Sure. Let me know by {by}.|I can wait until {by}, not longer.|All "
        "right, I'll keep it for you until {by}.) >> {B} waits until {by}.",
    "[thinks]A: (I will.|That's fair.|I'll call you before that, I promise.|You'll hear from me.)",
    "[bargain]A: (That's more than I can pay. Would you take {less}?|{rent} is a lot. How about {less}?|Is the price "
        "fixed? I could pay {less}.|If you say {less}, I'll take it at once.) >> {A} offers {less} {cur}.",
    "[bargain]B: (Hmm. You seem like a nice person. All right, {less}.|Well, if you look after the garden, {less} is fine.|"
        "OK, {less}, but you pay for the cleaning yourself.|Let me think. If you stay for at least two years, I agree.) >> {B} "
        "accepts {less} {cur}.",
    "[bargain]A: (It's a deal.|Then I'll take it.|Agreed. Thank you.|Great, then we have a deal.)",
    "& 50 bye A",
    "= ask {A} (is interested in|asks about|calls about|wants to rent) {place}",
    "= cost The rent is {rent} {cur}( a month|) | It costs {rent} {cur} a month | {B} (asks for|wants) {rent} {cur} a month",
    "= cost [!declines]It (is free|will be free) from {move} | [!declines]The rent is {rent} {cur}, and {A} could move in "
        "from {move} on | [pet]{B} has nothing against {A's} pet | [pet]{A} may bring {Ahis} pet",
    "= end [takes]{A} (decides to take it|takes it|agrees to take it) | [takes]{A} likes it and takes it | [thinks]{A} "
        "(wants to think about it|needs more time) and (must|should) decide by {by} | [thinks]{B} gives {A} until {by} to "
        "decide | [declines]{A} does not want it because {minus} | [declines]when {A} learns that {minus}, {Ahe} is no longer "
        "interested | [bargain]they agree on {less} {cur} | [bargain]{A} gets it for {less} {cur} | [bargain]{B} lowers the "
        "rent to {less} {cur}, and {A} takes it",
    "S {ask}. {cost}. {end}.",
    "S {ask}. {end}.",
    "S {ask}, which {B} lets for {rent} {cur} a month. {end}.",
    "S {B} wants to let {place} for {rent} {cur} a month. {end}.",
    "Q What does {A} call about?|What does {A} want to rent?|What is {A} interested in? => {place}",
    "Q How much is the rent?|What does the flat cost a month?|How much does {B} ask at first? => {rent} {cur}",
    "[!declines]Q When could {A} move in?|From when is the flat free? => from {move}",
    "[pet]Q What pet does {A} have?|Which animal does {A} have? => {pets}",
    "[bargain]Q How much does {A} pay in the end?|On what rent do they agree? => {less} {cur}",
    "[thinks]Q By when must {A} decide? => by {by}",
    "[declines]Q Why does {A} not take the flat?|What is wrong with the flat? => {minus}",
    "Q Does {A} take the flat? => ([takes,bargain]yes|[declines]no|[thinks]not yet)",
    "Q How does it end?|What does {A} decide? => {end}",
    "# a football match|tickets for a game|talking about a match",
    "@ ff",
    "$ team the Rovers|the Blues|the Wanderers|the Eagles|the Lions|the Stars||the Falcons|the Sharks",
    "$ foe the Tigers|the Reds|the Rangers|the Hornets|the Bulls|the Foxes||the Pirates|the Giants",
    "$ when on {day}|on {day}|tonight|tomorrow evening||this {day}",
    "$ time {evening}",
    "$ price {#12-60*4}",
    "$ place {meetplace}",
    "$ score {##2-5}:{##0-1}",
    "$ whyI,whyS I have to work~{Bhe} has to work|football bores me~{Bhe} finds football boring|I promised to visit my "
        "{kin}~{Bhe} has promised to visit somebody in the family|I have no money this month~{Bhe} has no money|I always get a "
        "headache in the crowd~{Bhe} does not like crowds|I've lost my voice~{Bhe} has lost {Bhis} voice|my in-laws are "
        "visiting~{Bhe} has visitors|I support the other team~{Bhe} supports the other team|I'm taking a yoga class~{Bhe} has "
        "a yoga class||I'm singing in a concert~{Bhe} is singing in a concert",
    "* star",
    "* friend",
    "! go|no|tv|dear",
    "! 50 bet",
    "! 45 star",
    "& 60 hello A",
    "A: (I've got two tickets for the match {when}.|Guess what? I have two tickets for the game {when}.|I managed to get "
        "two tickets for the football match {when}.|My boss gave me two tickets for the match {when}.) (It's {team} against "
        "{foe}.|{team} are playing {foe}.|{team} against {foe}!) >> {A} has two tickets for a match {when}.",
    "[go]B: (Wow! How did you get them?|You're lucky! They were sold out in an hour.|Really? That's the game of the year.|"
        "No! I tried to get some, too.)",
    "[!go]B: (Oh, nice for you.|Really?|I see.|Is that a big game?)",
    "& 35 aside B",
    "A: (Would you like to come?|Do you want to come with me?|One of them is for you, if you want.|Will you come along?) "
        ">> {A} asks {B} to come along.",
    "[go]B: (Of course!|What a question! Yes!|I'd love to.|I wouldn't miss it.) (What do I owe you?|How much is it?|How "
        "much was the ticket?) >> {B} wants to come along.",
    "[go]A: (Nothing, it's my treat.|{price} {cur}.|They were {price} {cur} each.|Just buy me a drink.) (It starts at "
        "{time~}.|The match begins at {time}.|We have to be in our seats by {time}.) >> The match starts at {time}.",
    "[go]B: (Then let's meet at {place}.|I'll wait for you at {place}.|Shall we meet at {place}?|We could meet at {place} "
        "before that.) >> They meet at {place}.",
    "[go]A: (Good.|Fine, and bring your scarf.|Perfect.|OK, and don't be late.)",
    "[no]B: (Thank you, but {whyI}.|That's kind, but {whyI}.|I'm afraid I can't. {whyI}.|No, thanks. To be honest, "
        "{whyI}.) >> {B} does not come because {whyS}.",
    "[no]A: (What a pity.|I thought you'd be happy!|Oh well. Who else could I ask?|Are you sure? It will be a great game.)",
    "[no]B: (Ask {friend}. {friendhe} loves {team}.|{friend} would be glad, I think.|Why don't you take {friend}?|I know "
        "that {friend} wanted to go.) >> {B} suggests asking {friend}.",
    "[no]A: (Good idea.|I'll send {friendhim} a message.|{friend}? I didn't know that. Thanks.|All right, I'll call "
        "{friendhim}.)",
    "[tv]B: (In this cold? I'd rather watch it at home.|I don't like the stadium. It's on television, too.|It's too far "
        "for me. I can see it on television.) (Come to my place.|Why don't you come over?|Let's watch it together at my "
        "place.) >> {B} wants to watch it on television.",
    "[tv]A: (But I've got the tickets now!|And what do I do with the tickets?|It isn't the same.|Hmm. And the tickets?)",
    "[tv]B: (Sell them. Everybody wants them.|Give them to {friend} and {friendhis} son.|You could give them to {friend}.|"
        "You'll get a lot of money for them.)",
    "[tv]A: (Well, it is warmer at your place. All right.|You're lazy! But OK, I'll come.|If you make something to eat, "
        "I'll come.|Fine. I'll be there before {time}.) >> {A} will come to {B's} place.",
    "[dear]B: (How much do you want for it?|What does it cost?|Is it expensive?|And the price?)",
    "[dear]A: ({price~} {cur}.|I paid {price} {cur}.|{price} {cur}, because they are good seats.) >> The ticket costs "
        "{price} {cur}.",
    "[dear]B: ({price} {cur}? For ninety minutes? No, thank you.|That's too much for me.|I can't spend that much on a "
        "game.|For that I can eat for a week. No, sorry.) >> {B} finds it too expensive.",
    "[dear]A: (I understand. I'll ask {friend}.|Then {friend} will get it.|OK. {friend} will be happy to have it.|Too bad, "
        "I'd have liked to go with you. I'll offer it to {friend}.)",
    "[star]B: (Is {star} playing?|I've heard that {star} is hurt.|Will {star} play again?)",
    "[star]A: (Yes, {starhe} is fit again.|No, {starhe} has hurt {starhis} knee.|I think so. {starhe} trained yesterday.)",
    "[bet]B: (I say {team} will win {score}.|{foe} will lose, you'll see.|I think {team} will win {score}.)",
    "[bet]A: (I hope so.|You never know.|Don't say that, it brings bad luck.|I wouldn't be so sure.)",
    "& 35 bye A",
    "= has {A} has two tickets for (a football match|a match|the game between {team} and {foe}) {when} and (asks {B} to "
        "come|invites {B}) | {A} invites {B} to a football match {when} | {A} (asks|wants) {B} to come to the match between "
        "{team} and {foe} {when}",
    "= end [go]{B} (is glad to come|accepts), and they (meet|want to meet) at {place} | [go]they will meet at {place} "
        "(because|as) the match starts at {time} | [go]{B} is (happy|glad) and will meet {A} at {place} | [no]{B} (does not "
        "want to come|says no|refuses) because {whyS} and suggests {friend} | [no]{B} cannot come, as {whyS} | [tv]{B} would "
        "rather watch it on television, and {A} (agrees to come|will come) to {B's} place | [tv](in the end|finally) they will "
        "watch it at {B's} place | [dear]{B} (finds|considers) {price} {cur} too much, so {A} will offer the ticket to "
        "{friend} | [dear]as it costs {price} {cur}, {B} does not want it, and {A} will ask {friend}",
    "S {has}. {end}.",
    "S {has}, ([go]and|[!go]but) {end}.",
    "S {has}. ([bet&go]They talk about the chances of {team}, and |){end}.",
    "Q What does {A} have?|What does {A} offer? => two tickets for a match",
    "Q When is the match?|On which day is the game? => {when}",
    "Q Who is playing?|Which teams play? => {team} and {foe}",
    "[go]Q Where do they meet? => at {place}",
    "[go]Q When does the match start? => at {time}",
    "[no]Q Why does {B} not come? => because {whyS}",
    "[no]Q Who does {B} suggest? => {friend}",
    "[dear]Q How much does the ticket cost? => {price} {cur}",
    "[tv]Q Where will they watch the match? => at {B's} place",
    "[star]Q Which player do they talk about? => {star}",
    "Q Will {B} go to the stadium? => ([go]yes|[!go]no)",
    "Q What does {B} answer?|How does it end? => {end}",
    "# buying a present|shopping for a gift|in a shop",
    "@ sn",
    "$ whoI,whoS my {kin}~{A's} {kin}|my best friend~{A's} best friend|a colleague~a colleague|my teacher~{A's} teacher|"
        "our neighbour~{A's} neighbour||my dentist~{A's} dentist",
    "$ for a birthday|a wedding|Christmas|the new flat|an exam that went well",
    "$ thing,pr {gift}~{#15-90*5}",
    "$ other,pr2 {gift}~{#12-60*4}",
    "$ max {#20-50*5}",
    "$ likeI,likeS reading~reads a lot|music~likes music|cooking~likes cooking|everything that is {colour}~likes {colour} "
        "things|old things~likes old things|travelling~likes to travel|being outside~likes to be outside|gardening~likes "
        "gardening|chess~plays chess|photography~takes photographs|dancing~likes dancing|knitting~likes to knit|fishing~goes "
        "fishing|astronomy~likes to watch the stars|fashion~likes fashion||magic tricks~likes magic",
    "$ by {day}",
    "! buys|other|none|order",
    "! 50 wrap",
    "& 55 formal B",
    "A: (I'm looking for a present for {whoI}.|I need a present for {whoI}.|Can you help me? I need something for {whoI}.|"
        "What could I give {whoI}?) >> {A} is looking for a present for {whoS}.",
    "B: (What is the occasion?|Is it for a special day?|Certainly. What is it for?|Of course. Do you have anything in "
        "mind?)",
    "A: (It's for {for}.|It's for {for}. I should have come earlier.|For {for}. But I have no idea what to buy.|It's for "
        "{for}, and it's tomorrow.)",
    "B: (What does this person like?|And what are the hobbies?|Do you know what this person likes?|What is this person "
        "interested in?)",
    "A: (Most of all {likeI}.|Well, {likeI}.|I only know one thing: {likeI}.|Hard to say. Perhaps {likeI}.) >> {A} says "
        "that the person {likeS}.",
    "B: (How about {thing}?|What do you think of {thing}?|Then I'd suggest {thing}.|Look, we have {thing} here.) (It's "
        "{pr} {cur}.|It costs {pr} {cur}.|That would be {pr} {cur}.) >> {B} suggests {thing} for {pr} {cur}.",
    "& 20 confirm A pr",
    "& 25 remark A",
    "[buys]A: (That's perfect!|Oh, that's lovely.|What a good idea.|Yes, that's just right.) I'll take it. >> {A} takes it.",
    "[buys&wrap]B: (Shall I wrap it for you?|Would you like it wrapped?|Do you want it as a present?)",
    "[buys&wrap]A: (Yes, please, in {colour} paper.|That would be nice.|No, thanks, I'll do it myself.|Please, and with a "
        "ribbon.)",
    "[buys]B: ({pr} {cur}, please.|Here you are. You can change it within two weeks.|I'm sure it will be a success.|"
        "Wonderful. Please come to the till.)",
    "[other]A: (That's too expensive.|It's nice, but I don't want to spend so much.|Hmm, I think we've given that before.|"
        "It's not quite what I want.) (I have {max} {cur} at most.|I'd like to spend {max} {cur} at most.|) >> {A} does not "
        "like the idea.",
    "[other]B: (Then perhaps {other} for {pr2} {cur}?|I also have {other} for {pr2} {cur}.|We also have {other}. That's "
        "only {pr2} {cur}.) >> {B} suggests {other} for {pr2} {cur}.",
    "[other]A: (That's better. I'll take it.|Yes, I'd like that one.|Good, that's what I'm looking for.|That's it. Please "
        "wrap it for me.)",
    "[other]B: (With pleasure.|A good choice.|Here you are.|That's {pr2} {cur}, please.)",
    "[order]A: (I like it, but do you have it in {colour}?|Is there a bigger one?|Do you have a nicer one?)",
    "[order]B: (Not here, but I can order it.|I'd have to order that.|Not at the moment. We could order one for you.) (It "
        "will be here by {by}.|You can have it by {by}.|It takes until {by}.) >> {B} can order one by {by}.",
    "[order]A: (Then please do that.|That's soon enough. Please order it.|{by} is fine.|Good. I'll come back then.) >> {A} "
        "orders it.",
    "[order]B: (May I have your name?|I'll call you when it's here.|You don't have to pay now.|Very well.)",
    "[none]A: (I don't know. I'd rather give some money.|Hmm, I can't decide. I'll think about it.|I'm not sure. I'll ask "
        "somebody first.|Maybe I'll make something myself.) >> {A} does not buy anything.",
    "[none]B: (As you like. We're open until eight.|Take your time.|Of course. You're always welcome.|I could put it aside "
        "for you until {by}.)",
    "[none]A: (No, that won't be necessary.|Thank you for your help.|I may come back.|Thanks, that's kind.)",
    "& 25 thanks A",
    "= look {A} (is looking for|needs|wants to buy) a present for {whoS}(, who {likeS}|)",
    "= look {A} (is looking for|needs) a present for {whoS} for {for}",
    "= look {A} asks {B} for help with a present for {whoS}",
    "= idea {B} (suggests|recommends|shows {Ahim}) {thing} for {pr} {cur}",
    "= end [buys]{A} (likes the idea and takes it|takes it|buys it at once) | [other]{A} (does not like that|is not happy "
        "with that) and (takes|buys) {other} for {pr2} {cur} (instead|) | [other]in the end, {A} takes {other} for {pr2} {cur} "
        "| [order]{B} will order (one|it) by {by} | [order]{A} has one ordered by {by} | [none]{A} (cannot decide|does not buy "
        "anything|does not buy it)",
    "S {look}. {idea}. {end}.",
    "S {look}. {idea}, ([none,other]but|[buys,order]and) {end}.",
    "S {look}. {idea}. {end}.",
    "Q For whom is the present?|Who will get the present? => {whoS}",
    "Q What is the present for?|What is the occasion? => {for}",
    "Q What does {B} suggest first?|Which thing does {B} show first? => {thing}",
    "Q How much does the first thing cost? => {pr} {cur}",
    "[other]Q What does {A} buy in the end? => {other}",
    "[other]Q How much does {A} pay? => {pr2} {cur}",
    "[order]Q When will it be there?|By when can {B} order it? => by {by}",
    "Q Does {A} buy anything? => ([none]no|[buys,other]yes|[order]yes, it is ordered)",
    "Q What does {A} decide?|How does it end? => {end}",
    "Q Where are they? => in a shop",
    "# a gym membership|joining a sports club|asking about a fitness course",
    "@ tn",
    "$ price {#25-60*5}",
    "$ year {#240-480*20}",
    "$ goalI,goalS lose some weight~lose weight|do something for my back~help {Ahis} back|get fit for the summer~get fit|"
        "meet new people~meet people|train for a run in {city}~train for a run|sleep better at night~sleep better|build some "
        "muscle~build some muscle|become more flexible~become more flexible|prepare for a climbing tour~prepare for a climbing "
        "tour|forget the stress at the office~forget the stress|lower my blood pressure~lower {Ahis} blood pressure|keep up "
        "with my grandchildren~keep up with {Ahis} grandchildren||build up my knee after an operation~recover from an operation",
    "$ extra swimming pool|sauna|{sport} court|climbing wall|yoga room||dance studio",
    "$ open six in the morning|seven in the morning|half past six in the morning",
    "$ trial {weekday} at {time}|{weekday} evening at {evening}",
    "$ course yoga|dancing|swimming|boxing|cycling||rowing",
    "! month|yearly|trial|no",
    "! 50 extra",
    "! 40 course",
    "& 30 formal B",
    "A: (I'd like to become a member.|I'm thinking about joining your club.|What does it cost to train here?|I'd like to "
        "know more about your club.|I want to start training.) >> {A} is interested in the sports club.",
    "B: (Welcome. |Good decision. |You've come to the right place. |)(What would you like to do here?|What is your goal?|"
        "What do you want to train for?|Have you ever trained before?)",
    "A: (I want to {goalI}.|I'd like to {goalI}.|My doctor says I should move more. And I want to {goalI}.|Not for years. "
        "But now I want to {goalI}.) >> {A} wants to {goalS}.",
    "B: (A month costs {price} {cur}|You pay {price} {cur} a month|It's {price} {cur} a month)(, or {year} {cur} for a "
        "year|. A whole year is {year} {cur}|, and if you pay for a year, only {year} {cur}). >> It costs {price} {cur} a "
        "month or {year} {cur} a year.",
    "& 20 confirm A price",
    "[extra]A: (Is there {a extra}, too?|Do you have {a extra}?|And may I use the {extra}?) >> {A} asks about the {extra}.",
    "[extra]B: (Yes, it's included.|Of course, and it's new.|Yes, but it's closed on Mondays.|Yes, that costs nothing "
        "extra.)",
    "& 30 remark A",
    "A: (When are you open?|And when can I come?|Are you open early in the morning?|What are your opening hours?)",
    "B: (From {open} until ten at night.|We open at {open}.|Every day from {open} on.|From {open}, even on Sundays.) >> It "
        "opens at {open}.",
    "[course]A: (I'd also like to try {course}.|Do you have {course} courses?|A friend told me about your {course} course.)",
    "[course]B: (Yes, on {day}s, for everyone.|That's our most popular course.|The {course} group is very nice, and it's "
        "free for members.)",
    "[month]A: (I'll take the month first.|Then one month, to begin with.|I'd rather pay by the month.|I don't know if "
        "I'll like it, so only a month.) >> {A} pays for a month.",
    "[month]B: (A good choice. Please sign here.|Fine. Here's your card.|All right, you can start today.|Very well. You "
        "can change that at any time.)",
    "[yearly]A: (A year is cheaper. I'll do that.|Then I'll take the whole year.|If I pay for a year, I'll really come. So "
        "a year.|The year, please.) >> {A} pays for a year.",
    "[yearly]B: (Excellent. Welcome to the club!|You won't regret it.|You also get a free T-shirt.|Good. Then I need your "
        "name and your address.)",
    "[trial]A: (Can I try it before I decide?|Is there a free lesson?|I'd like to have a look first.|May I test it once?) "
        ">> {A} wants to try it first.",
    "[trial]B: (Sure, come on {trial}.|You can train for free on {trial}.|Yes. How about {trial}? I'll be here then.) >> "
        "{A} can train for free on {trial}.",
    "[trial]A: (Good, I'll come.|That's a date.|What should I bring?|Great, I'll bring my shoes.)",
    "[no]A: (That's more than I wanted to pay.|Hmm, that's too expensive for me.|I think I'll go running in the park. It's "
        "free.|It's a lot of money. I'll look somewhere else.) >> {A} finds it too expensive.",
    "[no]B: (We have a lower price for students.|But the machines are new.|As you like. Our door is always open.|There "
        "will be a special offer in {month}.)",
    "[no]A: (I'm not a student, sorry.|Maybe later, then.|Thanks for your time anyway.|I'll remember that.)",
    "& 40 thanks A",
    "= want {A} (wants to join|asks about|is interested in) a sports club (in order|because {Ahe} wants) to {goalS} | {A} "
        "would like to {goalS} and asks {B} about (a gym|the gym|a sports club)",
    "= info it costs {price} {cur} a month or {year} {cur} a year | {B} (names the prices|tells {Ahim} the prices): "
        "{price} {cur} a month, {year} {cur} a year | it is open from {open} | the price is {price} {cur} a month",
    "= end [month]{A} (decides to pay|pays) for one month (first|to begin with|only) | [month]{A} takes a month first | "
        "[yearly]{A} decides (on a whole year|to pay for a whole year) | [yearly]{A} becomes a member for a year, as that is "
        "cheaper | [trial]{A} (will try it|can try it) for free on {trial} | [trial]before deciding, {A} will train there on "
        "{trial} | [no]{A} (finds it|thinks it is) too expensive and does not join | [no]because of the price, {A} decides "
        "against it",
    "S {want}. {info}. {end}.",
    "S {want}. {info}, and {end}.",
    "S {want}. {end}.",
    "Q Why does {A} want to train?|What is {A's} goal? => to {goalS}",
    "Q What does a month cost?|How much is it for a month? => {price} {cur}",
    "Q What does a year cost?|How much is it for a year? => {year} {cur}",
    "Q When does the club open? => at {open}",
    "[extra]Q What does {A} ask about? => the {extra}",
    "[course]Q Which course does {A} ask about? => {course}",
    "[trial]Q When will {A} try it? => on {trial}",
    "Q Does {A} become a member now? => ([month,yearly]yes|[trial]not yet|[no]no)",
    "[month,yearly]Q For how long does {A} pay? => ([month]a month|[yearly]a year)",
    "Q How does it end?|What does {A} decide? => {end}",
    "# at the hairdresser's|a new haircut|a new hair colour",
    "@ tn",
    "$ style really short|a little shorter|like in this photo|with a fringe|the same as last time||very short at the back",
    "$ dye blond|dark brown|red|black|blue|grey||green|silver",
    "$ event a wedding|a job interview|a birthday party|a family photo|a first date|a graduation|a school reunion|a court "
        "hearing|a television show|a holiday|an anniversary||a dance competition",
    "$ when on {day}|tomorrow|tonight|next week|on {day}",
    "$ price {#18-65}",
    "$ long {#30-90*15} minutes|two hours|an hour and a half",
    "$ badI,badS it will damage your hair~it would damage the hair|it doesn't go with your eyes~it does not go with {A's} "
        "eyes|you'll have to repeat it every month~it must be repeated every month|it takes months to grow out~it takes months "
        "to grow out||people will laugh at you~people might laugh",
    "$ slot {weekday} at {time}",
    "! done|dissuade|insist|later",
    "! 45 tea",
    "& 25 formal B",
    "A: (I'd like a haircut, please.|Could you cut my hair?|I need a new haircut.|Do you have time to cut my hair?) (|I "
        "have {event} {when}.|It's for {event} {when}.) >> {A} wants a haircut.",
    "[later]B: (I'm sorry, we're full today.|There are four people before you.|I can't do it today, my colleague is ill.|"
        "Without an appointment it's difficult.) (How about {slot}?|I could do it on {slot}.|Could you come on {slot}?) >> {B} "
        "has no time but offers {slot}.",
    "[later]A: (But I need it {when}!|Isn't there any chance today?|I can wait, if somebody doesn't come.|On {slot}? Well, "
        "all right.)",
    "[later]B: (I can put you on the list and call you.|I'm afraid not. Shall I write you down for {slot}?|Honestly, "
        "{slot} is the first free time.)",
    "[later]A: (Yes, please. The name is {A!}.|All right. My name is {A!}.|Then please write down {A!}.) >> {A} takes the "
        "appointment on {slot}.",
    "[!later]B: (Please sit down. How would you like it?|Of course. What shall I do?|Have a seat. What did you have in "
        "mind?|Certainly. Just a bit, or something new?)",
    "[done]A: ({style}, please.|I'd like it {style}.|Please make it {style}.|I want it {style}.) >> {A} wants the hair "
        "{style}.",
    "[dissuade,insist]A: (I want to have it {dye}.|I'd like to dye it {dye}.|I thought of {dye}. What do you think?|Could "
        "you make it {dye}?) >> {A} wants to have {Ahis} hair {dye}.",
    "[dissuade,insist]B: ({dye}? I'm not sure. {badI}.|I wouldn't do that. {badI}.|To be honest, {badI}.|Are you serious? "
        "{badI}.) >> {B} thinks that {badS}.",
    "& 35 aside B",
    "[dissuade]A: (Really? And what do you suggest?|Oh. I didn't think of that.|Then what would you do?|Hmm, maybe you're "
        "right.)",
    "[dissuade]B: (Only cut it, {style}.|I'd keep the colour and cut it {style}.|{style} would suit you better.|Let's "
        "leave the colour and make it {style}.) >> {B} suggests only a cut, {style}.",
    "[dissuade]A: (All right, I trust you.|Good, let's do that.|You're the expert.|Fine. It's cheaper, too.)",
    "[insist]A: (I don't mind. I want it anyway.|It's my hair. Please do it.|I've made up my mind.|I only live once. Go "
        "ahead.) >> {A} wants it anyway.",
    "[insist]B: (As you like. It takes {long}.|All right, but it takes {long}.|You're brave. It'll take {long}.|OK. You "
        "must sit still for {long}.)",
    "[!later&tea]B: (Would you like a coffee or some tea?|Can I bring you a coffee or some tea?|Something to drink? "
        "Coffee, tea?)",
    "[!later&tea]A: (A coffee would be nice.|Tea, please, with a little milk.|No, thanks. I'll just close my eyes.)",
    "[!later]& 40 aside A",
    "[done,insist]B: (There we are. Do you like it?|So, have a look in the mirror.|Finished. What do you say?|And here is "
        "the back. All right?)",
    "[done]A: (It's perfect.|Could you take off a little more on the left?|I look like a new person.|Wow. I hardly know "
        "myself.)",
    "[insist]A: (I love it!|It's even better than I thought.|Oh dear. Maybe you were right.|My {kin} will be shocked. "
        "Great!)",
    "[done,insist]B: (That's {price} {cur}, please.|{price} {cur}. Shall I give you a card for the next time?|It's {price} "
        "{cur} today.) >> It costs {price} {cur}.",
    "[done,insist]A: (Here you are. The rest is for you.|That's more than last time, but it's worth it.|Fine. I'll come "
        "again.|Can I pay by card?)",
    "= want {A} (goes to the hairdresser's|is at the hairdresser's) (because of|before) {event} {when} | {A} wants a new "
        "haircut | {A} wants a haircut for {event} {when}",
    "= end [done]{B} cuts {Ahis} hair {style} for {price} {cur} | [done]{A} has it cut {style} and pays {price} {cur} | "
        "[dissuade]{A} would like {Ahis} hair {dye}, but {B} (advises {Ahim} against it|warns {Ahim}) because {badS} | "
        "[dissuade]{A} thinks of dyeing {Ahis} hair {dye}, but in the end {B} will only cut it | [insist]{A} has {Ahis} hair "
        "dyed {dye} although {B} warns that {badS} | [insist]though {B} is against it, {A} wants it {dye} and pays {price} "
        "{cur} | [later]{B} has no time, so {A} gets an appointment on {slot} | [later]{A} has to wait until {slot}",
    "S {want}. {end}.",
    "S {want}, and {end}.",
    "S {want}. {end}. ([insist,done]It costs {price} {cur}.|[dissuade]{A} (follows the advice|agrees).|[later]{A} agrees.)",
    "Q What does {A} want?|Why does {A} come? => a (new |)haircut",
    "Q What is the haircut for?|What is the occasion? => {event}",
    "[done]Q How does {A} want the hair? => {style}",
    "[dissuade,insist]Q Which colour does {A} want? => {dye}",
    "[dissuade,insist]Q Why is {B} against the colour? => because {badS}",
    "[done,insist]Q How much does {A} pay? => {price} {cur}",
    "[insist]Q How long does it take? => {long}",
    "[later]Q When is the appointment? => on {slot}",
    "[insist,dissuade]Q Does {A} get the new colour? => ([insist]yes|[dissuade]no)",
    "Q Where are they? => at the hairdresser's",
    "Q How does it end?|What is decided? => {end}",
    "# a hike and the weather|plans for the weekend|a walk in the hills",
    "@ ff",
    "$ goal the lake|the old tower|the mountain hut|the waterfall|the castle on the hill|the forest near {city}|the ruined "
        "abbey|the glacier|the vineyard path|the gorge|the summit of the hill|the bird reserve|the hermit's chapel|the meadow "
        "with the orchids||the cave|the cliffs",
    "$ when on {day}|on {day}|tomorrow|this weekend",
    "$ other on {day}",
    "$ start {morning}",
    "$ far {#8-20} kilometres|{#3-6} hours",
    "$ rain rain all day|a thunderstorm|strong wind|snow above the trees|thick fog|heavy showers|sleet|a gale|freezing "
        "cold|terrible heat|flooded paths||hail",
    "$ inside the museum|the swimming pool|the climbing hall|the aquarium|the cinema|the sauna|the bowling alley|the "
        "planetarium|the indoor market|the pottery workshop|the chess cafe|the palm house||the science centre",
    "$ bring {dish}|sandwiches|hot tea|apples and nuts|a cake|hard-boiled eggs|chocolate bars|a thermos of cocoa|nut cake|"
        "a blanket|a compass||a first aid kit",
    "! go|other|inside|alone",
    "! outdoors",
    "! 50 bring",
    "! 40 far",
    "& 65 hello A",
    "A: (Shall we go for a hike|Do you want to go hiking|How about a walk|What do you think about a hike) (to {goal} "
        "{when~}?|to {goal} {when}?) >> {A} suggests a hike to {goal} {when}.",
    "[go]B: (What a good idea!|I'd love to.|Yes, I need some fresh air.|Gladly. I've been sitting at a desk all week.) >> "
        "{B} likes the idea.",
    "[!go]B: (Have you seen the forecast|Did you listen to the weather report|But have you looked at the sky)? (There will "
        "be {rain}.|They say there will be {rain}.|It said {rain}.) >> {B} says that there will be {rain}.",
    "& 35 aside B",
    "[go]A: (The weather will be fine.|They say it will be sunny.|It won't be too hot.|The forecast is good.) (Let's start "
        "at {start~}.|We should leave at {start}.|I'd like to start at {start}.) >> They want to start at {start}.",
    "[go]& 25 confirm B start",
    "[go&far]B: (How far is it?|Is it a long way?|I'm not in good form. Is it far?)",
    "[go&far]A: (About {far}.|{far}, but we can take breaks.|Not so bad, {far}.|It takes {far}, with a long rest at the "
        "top.) >> The way is about {far}.",
    "[go&!bring]B: (All right. |Fine. |OK. )(I'll pick you up.|I'll come by car.|I hope I can get up in time.|I'll have to "
        "look for my boots.)",
    "[go&bring]B: (OK, I'll bring {bring}.|I can bring {bring}.|Then I'll pack {bring} for us.|And I'll take {bring} with "
        "me.) >> {B} brings {bring}.",
    "[go]A: (Great.|Perfect, and I'll take the map.|Good, and don't forget your sun hat.|Then it will be a wonderful day.)",
    "[other]A: (Oh no. |Really? |What a pity. |I didn't know that. )(Then let's go {other} instead.|What about {other}?|"
        "Could we do it {other}?|Then we should wait until it's better. How about {other}?) >> {A} suggests going {other}.",
    "[other]B: (Yes, it should be dry by then.|{other} is better.|I'm free {other}, so yes.|That's fine. They promise "
        "sunshine for that day.) >> {B} agrees to go {other}.",
    "[other&bring]A: (Good. I'll bring {bring}.|Then I have time to get {bring}.|Fine, I'll make {bring} for us.)",
    "[other]B: (Deal.|I'm looking forward to it.|Let's hope for the best.)",
    "[inside]A: (You're right, that's no fun.|That doesn't sound nice.|Hmm. And what else could we do?|So we need another "
        "plan.)",
    "[inside]B: (We could go to {inside} instead.|Let's go to {inside}. It's warm and dry there.|Why not {inside}?|I've "
        "wanted to go to {inside} for a long time.) >> {B} suggests {inside}.",
    "[inside]A: (All right, {inside} it is.|Good idea. The hike can wait.|I haven't been there for years. Let's do that.|"
        "That's a good plan for such a day.) >> {A} agrees.",
    "[alone]A: (A little weather doesn't hurt.|Come on, you're not made of sugar.|I don't mind. We have good jackets.|The "
        "forecast is always wrong.)",
    "[alone]B: (No, thanks. I'd rather stay in bed.|I'm not going out in that.|That's too dangerous for me.|Without me. I "
        "only just had a cold.) >> {B} does not want to go.",
    "[alone]A: (Then I'll go alone.|As you like. I'm going anyway.|All right, then I'll ask somebody else.|Too bad. I'll "
        "send you a picture from the top.) >> {A} wants to go without {B}.",
    "[alone]B: (Please be careful.|Call me when you're back.|You're crazy. Take care!|At least take your phone with you.)",
    "& 35 bye A",
    "= plan {A} (suggests|proposes|wants) a hike to {goal} {when} | {A} wants to (hike|walk) to {goal} {when} | {A} asks "
        "{B} to go for a hike to {goal} {when}",
    "= bad {B} (says|warns|has heard) that there will be {rain} | there will be {rain}",
    "= end [go]{B} (agrees|likes the idea), and they (will start|want to start) at {start} | [go&bring]they (leave|will "
        "start) at {start}, and {B} (brings|will bring) {bring} | [go]they (decide to|will) start at {start} | [other]they "
        "(decide to go|will go) {other} instead | [other]they (put it off|postpone it) and will go {other} | [inside]they "
        "(decide to go|will go|go) to {inside} instead | [inside]{B} suggests {inside}, and {A} agrees | [alone]{A} (wants to "
        "go anyway|will go without {B}), but {B} stays at home | [alone]{B} does not want to go, so {A} will go without {Bhim}",
    "S [go]{plan}. {end}. | [!go]{plan}, but {bad}. {end}.",
    "S [go]{plan}. {end}. | [!go]{plan}. {bad}, so {end}.",
    "S [go]{A} and {B} (want to walk|are going to hike) to {goal} {when}. {end}. | [!go]{plan}. Because of {rain}, {end}.",
    "Q Where does {A} want to go?|What is the goal of the hike?|Where would the hike go? => to {goal}",
    "Q When does {A} want to go?|For when does {A} suggest the hike? => {when}",
    "[go]Q At what time do they start? => at {start}",
    "[go&far]Q How far is it? => about {far}",
    "[!go]Q What will the weather be like?|Why does {B} not like the idea? => there will be {rain}",
    "[inside]Q Where do they go instead? => to {inside}",
    "[other]Q When will they go in the end? => {other}",
    "[bring&go]Q What does {B} bring? => {bring}",
    "[alone]Q Does {B} come along? => no",
    "[go]Q Does {B} like the idea? => yes",
    "Q What do they decide?|How does it end? => {end}",
    "# a hotel room|a complaint at the hotel|at the reception desk",
    "@ tn",
    "$ room {#101-489*4}",
    "$ room2 {#110-480*5}",
    "$ nights {#2-6} nights",
    "$ fix {#10-40*5} minutes|half an hour|an hour",
    "$ off {#10-50*5}",
    "$ other the {hotelname}",
    "! newroom|repair|discount|leave",
    "$ trouble,troubleS there's no hot water~there is no hot water|the heating doesn't work~the heating does not work|the "
        "lamp is broken and I can't read~the lamp is broken|the window won't close~the window does not close|the shower is "
        "blocked~the shower is blocked|the television only hisses~the television does not work|the key gets stuck in the "
        "lock~the key gets stuck||the curtain has fallen down~the curtain has fallen down",
    "[!repair]$ trouble,troubleS the room smells of smoke~the room smells of smoke|the people next door are terribly "
        "loud~the neighbours are loud|the bed is much too soft~the bed is too soft|there are ants in the bathroom~there are "
        "ants in the bathroom|the room faces a building site~the room faces a building site|the sheets are damp~the sheets are "
        "damp|the minibar rattles all night~the minibar rattles all night||there's a bird in the bathroom~there is a bird in "
        "the bathroom",
    "& 25 formal B",
    "A: (Good evening, |Hello, |I'm sorry, but |Excuse me, )(I'm in room {room}, and|I have a problem with my room, number "
        "{room}:|I'm not happy with room {room}:|there's something wrong in room {room}:) {trouble}. >> In {A's} room, "
        "{troubleS}.",
    "B: (I'm very sorry{,A}. |Oh, I do apologise. |I'm sorry to hear that. |)(How long has it been like that?|Since when?|"
        "Have you told anyone yet?|Was it like that from the beginning?)",
    "A: (Since I arrived.|I noticed it just now.|I've only been here an hour.|I already told your colleague this morning.|"
        "It was fine yesterday.) (And I'm staying for {nights}!|I've booked {nights}.|I paid for {nights}.|) >> {A} is staying "
        "for {nights}.",
    "& 30 remark A",
    "& 35 pause B",
    "[newroom]B: (I can give you another room. |You can move to another room. |We still have a free one. )(Would number "
        "{room2} be all right?|How about {room2}? It's bigger.|Number {room2} has a balcony.) >> {B} offers {A} room {room2}.",
    "[newroom]A: (Yes, please.|That would be good.|If it's quiet there, yes.|Is it on the same floor?)",
    "[newroom]B: (Here's the key. Somebody will carry your bags.|It's a little higher up, but there is a lift.|Here you "
        "are. And breakfast is on us.)",
    "[repair]B: (I'll send somebody up at once.|Our technician will see to it.|We'll repair it right away.) (It takes "
        "about {fix}.|He'll be there in {fix}.|In {fix} it should be done.) >> {B} will have it repaired.",
    "[repair]A: (All right, I'll wait in the bar.|I hope so. I want to go to bed.|Good. Do I have to be there?|{fix}? "
        "Fine, I'm going out anyway.)",
    "[repair]B: (Enjoy a drink on the house meanwhile.|Thank you for your patience.|I'll call you as soon as it's done.)",
    "[discount]B: (We're full tonight, so I can't give you another room. |I'm afraid all the rooms are taken. |I have no "
        "other room for you. )(But you'll pay {off} {cur} less.|But I can take {off} {cur} off the bill.|But I'll give you "
        "back {off} {cur}.) >> {A} pays {off} {cur} less.",
    "[discount]A: (I'd rather have a good room. But all right.|Well, that's something.|{off} {cur}? OK, I accept that.|"
        "Fine. It's only for sleeping.) >> {A} accepts that.",
    "[discount]B: (Thank you for understanding.|I really am sorry.|Tomorrow I'll have a better room for you.)",
    "[leave]B: (I'm afraid there's nothing I can do tonight.|The technician only comes on {day}.|It's an old house, I "
        "can't change that.|Other guests don't complain about that.) >> {B} cannot do anything.",
    "[leave]A: (Then I'll look for another hotel.|In that case I'm leaving.|That's unbelievable. Please prepare my bill.|I "
        "won't stay here, then. I want my money back.) >> {A} wants to leave the hotel.",
    "[leave]B: (As you like. {other} is just around the corner.|I understand. You could try {other}.|You'll get your money "
        "back. Maybe {other} has a room.) >> {B} mentions {other}.",
    "[leave]A: (I'll go there, then.|Thank you for that, at least.|Please call me a taxi.)",
    "& 25 thanks A",
    "= comp {A} (complains about|is not happy with|has a problem with) {Ahis} hotel room because {troubleS} | {A} (tells|"
        "complains to) {B} that in room {room} {troubleS} | in {A's} hotel room, (number {room}|where {Ahe} is staying for "
        "{nights}), {troubleS}",
    "= end [newroom]{B} (offers|gives) {Ahim} room {room2} (instead|) | [newroom]{A} (can move|may move|moves) to room "
        "{room2} | [repair]{B} will have it repaired (within|in) {fix} | [repair]{B} (promises|says) that it will be repaired "
        "in {fix} | [discount]there is no other room, but {A} (will pay|pays) {off} {cur} less | [discount]as the hotel is "
        "full, {B} takes {off} {cur} off the bill | [leave]{B} (cannot help|does nothing), so {A} (wants to leave|will go to "
        "another hotel) | [leave]as {B} cannot do anything, {A} will leave and (try|look at) {other}",
    "S {comp}. {end}.",
    "S {comp}, and {end}.",
    "S {comp}. (After some questions, |){end}.",
    "S {A} is staying for {nights} but {troubleS}. {end}.",
    "Q What is wrong with the room?|What does {A} complain about?|Why is {A} not happy? => {troubleS}",
    "Q What is the number of {A's} room?|In which room is {A} staying? => {room}",
    "Q How long is {A} staying? => {nights}",
    "[newroom]Q Which room does {B} offer? => room {room2}",
    "[repair]Q How long will the repair take? => {fix}",
    "[discount]Q How much less does {A} pay? => {off} {cur}",
    "[leave]Q Which other hotel does {B} mention? => {other}",
    "Q Does {A} stay in the hotel? => ([leave]no|[!leave]yes)",
    "Q What does {B} do?|How does it end?|How does {B} solve the problem? => {end}",
    "Q Where are they? => (at|in) a hotel",
    "# a problem with the computer|no internet|a call to the help line",
    "@ tn",
    "$ office the help line|{company}, customer service|the computer service",
    "$ prob,probS my internet doesn't work~{Ahis} internet does not work|my computer won't start~{Ahis} computer does not "
        "start|I can't open my mails~{Ahe} cannot open {Ahis} mails|my printer only prints empty pages~{Ahis} printer prints "
        "empty pages|I've forgotten my password~{Ahe} has forgotten {Ahis} password|everything is so slow since the last "
        "update~{Ahis} computer is very slow||somebody sends strange mails in my name~somebody sends mails in {Ahis} name",
    "$ since this morning|yesterday evening|last {weekday}|the thunderstorm|the weekend|the update|the power cut|the move|"
        "lunchtime|the lightning|the holidays",
    "$ number {#10200-98700*100}",
    "$ try,tryS turn everything off and on again~turn everything off and on|pull out the cable and wait a minute~pull out "
        "the cable|delete the old program~delete the old program|type the new code~type a new code|update the program~update "
        "the program||remove the battery~remove the battery",
    "$ visit {weekday} at {time}|{weekday} morning|{weekday} afternoon",
    "$ fee {#20-80*5}",
    "$ area {street} and the streets around it|the whole town|the north of {city}|three villages",
    "$ until {evening}|tonight|tomorrow morning|noon||midnight",
    "! works|visit|area|gives",
    "! 50 need",
    "B: (Good morning|Hello|Good afternoon), {office}. (What can I do for you?|How can I help you?|What's the problem?)",
    "A: (I'm calling because {prob}.|Hello. I have a problem: {prob}.|I need help, {prob}.|I'm desperate, {prob}.) >> {A} "
        "has a problem, because {probS}.",
    "B: (I see. |Oh, that's annoying. |Don't worry. |)(Since when?|How long has it been like that?|When did it begin?)",
    "A: (Since {since}.|Since {since}, I think.|It's been like that since {since}.) >> It has been like that since {since}.",
    "[need]A: (I work at home, so I really need it.|I have to send something important today.|My children need it for "
        "school.)",
    "[!area]B: (Could you give me your customer number?|What's your customer number, please?|I need your customer number.)",
    "[!area]A: (Yes, it's {number~}.|One moment. {number}.|Here it is: {number}.|{number}.) >> {A's} number is {number}.",
    "& 30 remark A",
    "& 35 pause B",
    "[works]B: (Please {try}.|Could you {try}?|First of all, {try}.|Have you tried this: {try}?) >> {B} tells {A} to "
        "{tryS}.",
    "[works]A: (OK, wait a moment. |I'm not good at such things, but I'll try. |If you think so. |One moment. )(It works!|"
        "Oh, now it works!|That's it! It works again.|I can't believe it, it works.) >> It works again.",
    "[works]B: (Very good.|That's what I thought.|You see, it was easy.|Great. Call again if it comes back.)",
    "[visit]B: (Please {try}.|Could you {try}?|First of all, {try}.|Have you tried this: {try}?)",
    "[visit]A: (I've already done that. It didn't help.|No, still nothing.|I did that three times.|Nothing has changed.)",
    "[visit]B: (Then somebody has to come.|I'll have to send somebody.|Then we need to look at it at your place.) (Is "
        "{visit} all right?|How about {visit}?|He could come on {visit}.) (It costs {fee} {cur}.|I have to charge {fee} {cur} "
        "for that.|) >> Somebody will come on {visit}.",
    "[visit]A: (Yes, please.|That's late, but all right.|Good, I'll be at home.|I hope he can repair it.)",
    "[area]B: (I know. It's the same in {area}.|You're not the only one. It concerns {area}.|There's a fault in {area}.) "
        "(We're working on it.|Our people are looking for the reason.|A cable was cut.) >> There is a fault in {area}.",
    "[area]A: (And when will it be repaired?|How long will it take?|Do I get any money back?)",
    "[area]B: (It should work again by {until}.|I hope that it will be done by {until}.|By {until}, I think.) >> It should "
        "work again by {until}.",
    "[area]A: (Then I just have to wait.|All right. I'll go to a cafe.|I hope so.|Good to know. I thought it was my fault.)",
    "[gives]B: (Please {try}.|Could you {try}?|First of all, {try}.)",
    "[gives]A: (What does that mean?|Where do I do that?|I don't understand a word.|How do I do that?)",
    "[gives]B: (It's easy. Click on the sign at the top.|Just follow the signs on the screen.|You'll find it in the menu "
        "on the left.)",
    "[gives]A: (There is no menu. I give up.|That's too complicated for me. I'll ask my {kin}.|I can't do that. My {kin} "
        "will help me tonight.|I'm too old for that. I'll ask my neighbour.) >> {A} gives up.",
    "[gives]B: (As you like. You can call us at any time.|That's all right. We're here until {until}.|I'm sorry that I "
        "couldn't help you.)",
    "& 40 thanks A",
    "= call {A} calls {office} because {probS}",
    "= call {A} needs help because {probS}(| since {since})",
    "= call {A} tells {B} on the phone that {probS}",
    "= end [works]{B} (tells|advises) {Ahim} to {tryS}, and it works again | [works]it works again after {B} tells {Ahim} "
        "to {tryS} | [visit]as nothing helps, somebody will come on {visit} | [visit]{B} will send somebody on {visit} | "
        "[area]there is a fault in {area}, and it should work again by {until} | [area]{B} explains that there is a fault in "
        "{area} | [gives]{B} tries to help, but {A} gives up | [gives]{B's} advice is too difficult for {A}, who will ask "
        "somebody else",
    "S {call}. {end}.",
    "S {call}, ([gives]but|[!gives]and) {end}.",
    "S {call}. This has been going on since {since}. {end}.",
    "Q What is {A's} problem?|Why does {A} call? => {probS}",
    "Q Since when does {A} have the problem? => since {since}",
    "[!area]Q What is {A's} customer number? => {number}",
    "[works]Q What does {A} have to do?|What does {B} advise? => to {tryS}",
    "[visit]Q When will somebody come? => on {visit}",
    "[area]Q Where is the fault? => in {area}",
    "[area]Q By when should it work again? => by {until}",
    "Q Does it work again in the end? => ([works]yes|[!works]no)",
    "Q Who helps?|Who works for the help line? => {B}",
    "Q How does it end?|What is the result? => {end}",
    "# a job interview|applying for a job",
    "@ tt",
    "$ job {job}",
    "$ firm {company}",
    "$ years {#2-12} years",
    "$ before a hotel in {city}|a small office in {city}|a hospital in {city}|a school in {city}|a family business|a big "
        "company in {city}|a bakery in {city}|a nursing home in {city}|a theatre in {city}|a shipping company|a laboratory|a "
        "call centre in {city}|a winery|a museum in {city}||a shipyard|a travel agency",
    "$ skill {language}|{language} and a little {language}",
    "$ whyI,whyS I want to learn something new~{Ahe} wants to learn something new|my last office was closed~{Ahis} last "
        "office was closed|I've just moved to this town~{Ahe} has just moved to the town|I'd like to work in a team "
        "again~{Ahe} would like to work in a team|it took me two hours to get to work~the way to work was too long|the company "
        "was moved abroad~the company was moved abroad|I wanted to work fewer hours~{Ahe} wanted to work fewer hours|I had no "
        "chance of promotion~{Ahe} had no chance of promotion|my boss shouted all the time~{Ahis} boss shouted all the time|"
        "I'd like more responsibility~{Ahe} would like more responsibility|the salary was too low~the salary was too low||my "
        "contract was only for a year~{Ahis} contract was only for a year",
    "$ pay {#1800-3200*100}",
    "$ start the first of {month}|the {#10-20}th of {month}|the second of {month}||the fifteenth of {month}",
    "$ answer {weekday}|the end of the week|{weekday} evening|the {#10-20}th",
    "! offer|wait|reject|trial",
    "! 50 lang",
    "! 50 money",
    "B: (Good morning|Good afternoon|Hello){,A}. (Please sit down.|Take a seat, please.|Thank you for coming.|I hope you "
        "found us easily.) (So you'd like to work|So you want to work|You applied for a job|I see that you want to start) as "
        "{a job} (here|with us) at {firm}. >> {A} applies for a job as {a job} at {firm}.",
    "A: (Yes, that's right.|Yes, I'd like that very much.|That's right. Thank you for inviting me.|Yes. I read about it in "
        "the newspaper.)",
    "B: (Have you done this kind of work before?|Tell me a little about yourself.|What have you done so far?|What "
        "experience do you have?)",
    "A: (I worked for {before} for {years}.|I've been {a job} for {years}, at {before}.|For {years} I worked at {before}.|"
        "My last job was at {before}, where I stayed for {years}.) >> {A} has worked at {before} for {years}.",
    "B: (And why did you leave?|Why do you want to change?|And why are you looking for something new?|May I ask why you "
        "left?)",
    "A: (Because {whyI}.|Well, {whyI}.|To be honest, {whyI}.|The main reason is that {whyI}.) >> {A} says that {whyS}.",
    "& 12 remark A",
    "[lang]B: (Do you speak any foreign languages?|We have guests from abroad. Which languages do you speak?|How about "
        "languages?)",
    "[lang]A: (I speak {skill}.|Yes, {skill}.|I learned {skill} at school.|{skill}, but I'd have to practise.) >> {A} "
        "speaks {skill}.",
    "[money]B: (What salary do you have in mind?|How much would you like to earn?|And what about money?)",
    "[money]A: (I thought of {pay} {cur} a month.|About {pay} {cur} a month.|I'd be happy with {pay} {cur} a month.) >> "
        "{A} would like to earn {pay} {cur} a month.",
    "[money&offer]B: (That's all right.|We can pay that.|That's what we expected.)",
    "[money&!offer]B: (Hmm, I see.|I'll make a note of that.|That's a bit more than we planned.)",
    "[offer]B: (I like what I hear. |You're just what we need. |I don't need to think long. |)(The job is yours.|We'd like "
        "to give you the job.|I'd be glad to have you in our team.) Can you start on {start}? >> {B} offers {A} the job.",
    "[offer]A: (Yes, of course! Thank you!|On {start}? Yes, that works.|I'd love to. Thank you very much.|That's "
        "wonderful. Yes, I can.) >> {A} can start on {start}.",
    "[wait]B: (We have two more people to see|There are other candidates|I have to talk to my partner first). (You'll hear "
        "from us|We'll call you|I'll let you know) by {answer}. >> {A} will get an answer by {answer}.",
    "[wait]A: (Of course. Can I ask how many people have applied?|I see. Thank you for your time.|I'll be waiting for your "
        "call.|That's fine. I look forward to hearing from you.)",
    "[reject]B: (I'll be honest with you: |I'm sorry, but |I don't want to waste your time: )(we need somebody with more "
        "experience|we are looking for somebody who can work at night|the place was filled this morning). >> {B} does not give "
        "{A} the job.",
    "[reject]A: (That's a pity.|Oh. I had really hoped to get it.|I understand, but I'm disappointed.|Well, at least you "
        "told me at once.)",
    "[reject]B: (I'll keep your letter in case something else comes up.|Don't give up. You'll find something.|Please try "
        "again next year.|I wish you all the best.)",
    "[trial]B: (Could you work here for a day, so that we get to know you?|We always ask people to try it for a day.|I "
        "suggest that you spend one day with us first.) How about {answer}? >> {B} wants {A} to work for a day on trial.",
    "[trial]A: (Yes, I'd like to see how you work.|Good idea.|Sure. When should I be here?|That suits me. What should I "
        "bring?)",
    "[trial]B: (Come at {time}, and ask for me.|At {time}. We'll have everything you need.|Be here at {time}, please.)",
    "& 40 thanks A",
    "= ask {A} (applies for a job|has an interview for a job|wants to work) as {a job} at {firm} | {B} interviews {A}, who "
        "wants to (be|become|work as) {a job} at {firm}",
    "= past {A} worked at {before} for {years} | {A} has {years} of experience( at {before}|) | {A} (says|explains) that "
        "{whyS} | {A} left {before} because {whyS} | [lang]{A} speaks {skill}",
    "= end [offer]{B} gives {A} the job, (starting|which starts) on {start} | [offer]{A} gets the job and (will start|can "
        "start) on {start} | [wait]{B} will (let {A} know|give {A} an answer) by {answer} | [wait]{A} (will hear|gets an "
        "answer) by {answer} | [reject]{B} does not give {Ahim} the job | [reject]{A} does not get it | [trial]{B} (asks|"
        "invites) {A} to work for a day (first|on trial) | [trial]before a decision, {A} will work there for a day on trial",
    "S {ask}. {past}. {end}.",
    "S {ask}. {past}, and {end}.",
    "S {ask} and has {years} of experience. {end}.",
    "S {ask}. {end}.",
    "Q What job does {A} want?|As what does {A} want to work? => {a job}",
    "Q At which company is the interview?|Where does {A} want to work? => at {firm}",
    "Q How long did {A} work there?|How much experience does {A} have? => {years}",
    "Q Where did {A} work before?|What was {A's} last job? => at {before}",
    "Q Why does {A} look for a new job?|Why did {A} leave? => because {whyS}",
    "[lang]Q What languages does {A} speak? => {skill}",
    "[money]Q How much does {A} want to earn? => {pay} {cur} a month",
    "[offer]Q When does {A} start? => on {start}",
    "[wait]Q By when will {A} get an answer? => by {answer}",
    "Q Does {A} get the job? => ([offer]yes|[reject]no|[wait,trial]not yet)",
    "Q How does the interview end?|What does {B} decide? => {end}",
    "Q Who asks the questions?|Who works at {firm}? => {B}",
    "# a language course|learning a language|signing up for a course",
    "@ tn",
    "$ lang {language}",
    "$ whyI,whyS my {kin} lives in {city}~{Ahe} has family in {city}|I want to work abroad~{Ahe} wants to work abroad|I "
        "need it for my job~{Ahe} needs it at work|we're going to {country} next year~{Ahe} is going to {country}|my new "
        "neighbours speak it~{Ahis} neighbours speak it|I love the films and the songs~{Ahe} loves the films and songs|I'm "
        "going to study there~{Ahe} is going to study there|I want to read the poets in the original~{Ahe} wants to read the "
        "poets|I'm opening a restaurant with food from there~{Ahe} is opening a restaurant|my grandson is growing up with "
        "it~{Ahis} grandson speaks it|I've been offered a scholarship~{Ahe} has been offered a scholarship||my partner's "
        "parents speak nothing else~{Ahe} wants to talk to new relatives",
    "$ day {weekday}",
    "$ alt {weekday}",
    "$ time {evening}",
    "$ weeks {#8-18*2} weeks",
    "$ price {#90-290*20}",
    "$ less {price-40}",
    "$ month {month}",
    "$ teacher Mr {surname}|Mrs {surname}",
    "! joins|alt|full|dear",
    "! 50 know",
    "! 30 teach",
    "& 35 formal B",
    "A: (I'd like to learn {lang}.|I'm interested in {a lang} course.|Do you have courses in {lang}?|Hello, I want to sign "
        "up for {a lang} course.|I'd like some information about your {lang} courses.) >> {A} wants to learn {lang}.",
    "B: (Good choice. |Certainly. |Very nice. |We do have one. |)(May I ask why?|What do you need it for?|Why {lang}, if I "
        "may ask?|And why do you want to learn it?)",
    "A: (You see, {whyI}.|Well, {whyI}.|Because {whyI}.|Mainly because {whyI}.) >> {A} says that {whyS}.",
    "[know]B: (Do you already speak some {lang}?|Have you learned it before?|Do you know anything yet?)",
    "[know]A: (Only a few words.|I learned it for a year at school.|I can say hello and order a coffee.|Not a word.|A "
        "little, but I've forgotten most of it.)",
    "[!full]B: (We have a course on {day~}s at {time}.|There's a group that meets on {day}s at {time}.|The evening course "
        "is on {day}s at {time}.) (It takes {weeks}|It lasts {weeks}|It goes on for {weeks}) and costs {price} {cur}. >> The "
        "course is on {day}s at {time}.",
    "[full]B: (The course is on {day}s at {time}, but it's full.|I'm afraid our {lang} course is full at the moment.|We "
        "have one on {day}s, but there are no places left.) >> The course is full.",
    "[!full]& 20 confirm A price",
    "& 25 remark A",
    "[teach]A: (Who is the teacher?|And who teaches it?|Is the teacher good?)",
    "[teach]B: ({teacher}, who grew up in {city}.|It's {teacher}. Everybody likes the lessons.|{teacher} has taught here "
        "for years.) >> The teacher is {teacher}.",
    "[joins]A: (That suits me.|That sounds perfect.|It's a bit expensive, but I'll do it.|Good, I have time then.) (I'd "
        "like to sign up.|Please put my name down.|Where do I sign?) >> {A} signs up for the course.",
    "[joins]B: (Great. |Wonderful. |Very good. )(Please fill in this form.|The first lesson is in {month}.|You get the "
        "book in the first lesson.|You can pay in the first week.)",
    "[alt]A: (On {day}s I can't. I play {sport} then.|{day} is bad for me, I have to work.|I'm never free on {day}s.|Is "
        "there anything on another day?) >> {A} has no time on {day}s.",
    "[alt]B: (There's also a group on {alt}s.|Then come on {alt}s, the price is the same.|We have another one on {alt}s.) "
        ">> There is another group on {alt}s.",
    "[alt]A: ({alt} is better.|Yes, {alt}s are fine.|That's possible. I'll take that one.|OK, then I'll come on {alt}s.) "
        ">> {A} takes the group on {alt}s.",
    "[alt]B: (Good, I'll put you on the list.|Then see you on {alt}.|What's your telephone number?|It starts next week.)",
    "[full]A: (What a pity.|Oh no. Since when?|And when does the next one start?|Isn't there one more chair?)",
    "[full]B: (The next one starts in {month}.|A new course begins in {month}.|In {month} there will be another one.) "
        "(Shall I put you on the list?|I can keep a place for you.) >> The next course starts in {month}.",
    "[full]A: (Yes, please.|All right, I'll wait.|That's late, but yes, please.|I'd be glad. Thank you.) >> {A} will wait "
        "for the next course.",
    "[dear]A: ({price} {cur}? That's too much for me.|I can't afford {price} {cur}.|Is there anything cheaper?|So "
        "expensive? I'm still a student.) >> {A} finds it too expensive.",
    "[dear]B: (Students and people without work pay {less} {cur}.|If you pay before {month}, it's only {less} {cur}.|If "
        "you bring a friend, each of you pays {less} {cur}.) >> It can be had for {less} {cur}.",
    "[dear]A: (That's better. I'll think about it.|{less} {cur} is possible. I'll come back tomorrow.|Good to know. I'll "
        "ask my {kin} to join me.|Hmm, I'd like to sleep on it.)",
    "& 40 thanks A",
    "= want {A} (wants to learn {lang}|is interested in {a lang} course|asks about {a lang} course|would like to take {a "
        "lang} course) because {whyS}",
    "= want {A} (wants to learn {lang}|is interested in {a lang} course|asks about {a lang} course|would like to take {a "
        "lang} course)",
    "= info it is on {day}s at {time} and costs {price} {cur} | the course (takes|lasts) {weeks} and costs {price} {cur} | "
        "{B} offers a course on {day}s | [teach]the teacher is {teacher}",
    "= end [joins]{A} (signs up|decides to join) | [joins]{A} is happy with it and signs up | [alt]as {A} has no time on "
        "{day}s, {Ahe} (will come|joins a group) on {alt}s | [alt]{A} prefers the group on {alt}s | [full]it is full, so {A} "
        "will wait until {month} | [full]because there is no place left, {A} (waits for|is put on the list for) the next "
        "course in {month} | [dear]{A} (finds it|thinks it is) too expensive, but {B} (mentions|offers) a price of {less} "
        "{cur} | [dear]{B} says that it can cost {less} {cur}, and {A} will think about it",
    "S {want}. {info}. {end}.",
    "S {want}. {end}.",
    "S {want}. {info}, and {end}.",
    "Q Which language does {A} want to learn?|What does {A} want to learn? => {lang}",
    "Q Why does {A} want to learn {lang}?|What is {A's} reason? => because {whyS}",
    "Q On which day is the course that {B} mentions first? => on {day}s",
    "[!full]Q How much does the course cost?|What is the usual price? => {price} {cur}",
    "[!full]Q How long does the course last? => {weeks}",
    "[teach]Q Who is the teacher?|What is the name of the teacher? => {teacher}",
    "[alt]Q On which day will {A} come? => on {alt}s",
    "[full]Q When does the next course start? => in {month}",
    "[dear]Q What is the lower price? => {less} {cur}",
    "Q Does {A} sign up for the course now? => ([joins,alt]yes|[full]no, it is full|[dear]no)",
    "Q How does it end?|What does {A} do in the end? => {end}",
    "# being late|a quarrel between friends|an apology",
    "@ ff",
    "$ how {#20-50*5} minutes|half an hour|an hour||almost an hour",
    "$ place {meetplace}",
    "$ whyI,whyS the bus broke down~the bus broke down|I fell asleep on the sofa~{Ahe} fell asleep|I went to the wrong "
        "place~{Ahe} went to the wrong place|I had to help my {kin}~{Ahe} had to help somebody|my bicycle had a flat "
        "tyre~{Ahis} bicycle had a flat tyre|I couldn't find my keys~{Ahe} could not find {Ahis} keys|I got stuck in a "
        "revolving door~{Ahe} got stuck in a door|my alarm clock was set to the wrong hour~{Ahis} alarm clock was wrong|the "
        "ferry was cancelled~the ferry was cancelled|I helped a stranger to catch a runaway dog~{Ahe} helped to catch a dog|my "
        "shoe came apart on the stairs~{Ahis} shoe came apart|I was on the phone with the insurance~{Ahe} was on the phone||a "
        "policeman stopped me~a policeman stopped {Ahim}",
    "$ what the film|the concert|the play|the football match|the birthday party|the guided tour|the fireworks|the circus|"
        "the ballet|the lecture about sharks|the boat trip|the auction|the magic show||the opera",
    "$ dinner {cafe}",
    "$ next {day} at {evening}",
    "! forgive|miss|angry|plan",
    "! 45 phone",
    "B: ({A,}where have you been?|There you are at last{,A}!|Do you know what time it is{,A}?|{A,}you're late again!|"
        "Hello{,A}. I thought you had forgotten me.) (I've been standing here at {place} for {how}.|I've been waiting at "
        "{place} for {how}.|We wanted to meet at {place} {how} ago.) >> {B} has been waiting at {place} for {how}.",
    "A: (I'm so sorry{,B}. |Please don't be angry. |I know, I know. |I can explain everything. ){whyI}. >> {A} says that "
        "{whyS}.",
    "[phone]B: (Why didn't you call me?|Don't you have a phone?|You could have sent me a message.)",
    "[phone]A: (My battery was empty.|I left my phone at home.|I did, but you didn't answer.|I didn't think of it.)",
    "[forgive]B: (All right, it can happen.|Well, I've been late myself.|I'm not angry, I was only worried.|Never mind. I "
        "had a book with me.) >> {B} is not angry.",
    "[forgive]A: (Thank you. I'll invite you to {dinner}.|Let me make it up to you: I'll invite you to {dinner}.|You're so "
        "nice. Come, I'll pay for a meal at {dinner}.) >> {A} invites {B} to {dinner}.",
    "[forgive]B: (That's not necessary, but I'd like that.|In that case, you can be late more often!|Good, I'm very "
        "hungry.|I accept.)",
    "[miss]B: (And now {what} has begun without us.|And we've missed the beginning of {what}.|Because of you we can't go "
        "to {what} any more.) >> They miss {what}.",
    "[miss]A: (Oh no. Can we still get in?|I was looking forward to it so much.|I'll buy new tickets, I promise.|That's "
        "terrible. It's all my fault.)",
    "[miss]B: (They don't let anybody in now. Let's go on {next}.|Let's try again on {next}.|We could go on {next}.|"
        "There's another chance on {next}.) >> {B} suggests {next}.",
    "[miss]A: (On {next}, yes. And I'll be early.|Good, and I'll pay.|I'll set three alarm clocks.|Agreed. I'll pick you "
        "up at home.)",
    "[angry]B: (You always have some excuse.|That's what you said last time.|I don't believe a word.|It's the fifth time "
        "this month.) >> {B} does not accept the excuse.",
    "[angry]A: (But it's true!|What can I do to make you believe me?|You're exaggerating.|Please, give me another chance.)",
    "[angry]B: (I'm going home.|I've lost all interest in {what}. I'm going home.|Go to {what} alone. I've had enough.|I "
        "don't want to see you today. Goodbye.) >> {B} goes home.",
    "[angry]A: (Wait, please!|Can I call you tomorrow?|I really am sorry.|All right. I'll write to you.)",
    "[plan]B: (We need another rule.|It can't go on like this.|I have an idea how to stop this.) (Whoever is late pays for "
        "dinner.|Next time I won't wait longer than ten minutes.|From now on I'll tell you a time that's half an hour too "
        "early.|From now on, the one who is late buys the tickets.)",
    "[plan]A: (That's fair.|All right, I deserve that.|Ha, good idea.|I agree to everything.) >> {A} agrees to a new rule.",
    "[plan]B: (Good. And now let's go to {what}.|Then come, {what} is waiting.|Fine. If we hurry, we won't miss {what}.) "
        ">> They go to {what}.",
    "= late {A} (is|comes) late and {B} has been waiting (at {place}|) for {how} | {B} (has been waiting|has waited) for "
        "{A} at {place} for {how} | {A} (keeps {B} waiting|arrives {how} late)",
    "= why {A} (explains|says) that {whyS} | {A} (says sorry|apologises) and explains that {whyS}",
    "= end [forgive]{B} (forgives {Ahim}|is not angry), and {A} (invites {Bhim}|wants to invite {Bhim}) to {dinner} | "
        "[forgive]{A} invites {Bhim} to {dinner} (as an apology|to make up for it) | [miss]they (have missed|miss) {what} and "
        "will try again on {next} | [miss]as they have missed {what}, they agree on {next} | [angry]{B} does not (believe "
        "{Ahim}|accept that) and goes home | [angry]{B} is (very |)angry and goes home | [plan]they agree on a new rule and go "
        "to {what} | [plan]{B} wants a new rule, and {A} agrees",
    "S {A} comes {how} late because {whyS}. {end}.",
    "S {late}. {why}. {end}.",
    "S {late}. {why}, ([angry]but|[!angry]and) {end}.",
    "S {A} is late because {whyS}. {end}.",
    "Q Who is late?|Who has to apologise? => {A}",
    "Q How long has {B} been waiting?|How late is {A}? => {how}",
    "Q Where did they want to meet?|Where has {B} been waiting? => at {place}",
    "Q Why is {A} late?|What is {A's} excuse? => {whyS}",
    "[forgive]Q Where does {A} invite {B}? => to {dinner}",
    "[miss]Q What do they miss? => {what}",
    "[miss]Q When will they try again? => on {next}",
    "[angry]Q Does {B} accept the excuse?|Does {B} forgive {A}? => no",
    "[forgive]Q Is {B} still angry? => no",
    "[angry]Q Where does {B} go? => home",
    "Q How does it end?|What does {B} do? => {end}",
    "# a library book|a book that is late|at the library",
    "@ sn",
    "$ title {book}",
    "$ late {#2-6} days|a week|{#2-5} weeks|a month||almost two months",
    "$ fine {#3-12}",
    "$ whyI,whyS I was in hospital~{Ahe} was in hospital|I was on holiday~{Ahe} was on holiday|my {kin} wanted to read "
        "it~somebody in the family was reading it|I left it on the train, and it only turned up yesterday~{Ahe} had left it on "
        "a train|I simply forgot the date~{Ahe} forgot the date|it had fallen behind the sofa~it was behind the sofa|my puppy "
        "had hidden it~a puppy had hidden it|I was stuck on an island because of a storm~{Ahe} was stuck on an island|I lent "
        "it to a colleague~{Ahe} had lent it to a colleague|I was reading it for the third time~{Ahe} was reading it again|I "
        "used it under a wobbly table~it was under a table||it was in a box after our move~it was in a box after a move",
    "$ wanted {book}",
    "$ ready next {weekday}|tomorrow|in two weeks|on {weekday}",
    "! fine|free|lost|renew",
    "! 45 more",
    "& 30 formal B",
    "[fine,free]A: (I'd like to return this book, {title}.|I'm bringing back {title}.|Here is {title}, which I borrowed "
        "from you.|Hello. I have a book to return, {title}.) >> {A} returns {title}.",
    "[lost]A: (I'm afraid I've lost a book.|I can't find a book that I borrowed.|Something stupid has happened. I've lost "
        "a library book.) (It's called {title}.|It was {title}.) >> {A} has lost {title}.",
    "[renew]A: (Can I keep {title} a little longer?|I'd like to keep {title} for some more days.|I haven't finished "
        "{title}. Could I have it for another week?) >> {A} wants to keep {title} longer.",
    "& 30 remark A",
    "& 35 pause B",
    "[fine,free]B: (Hmm, it's {late} late.|This should have been here {late} ago.|You are {late} late, do you know that?|"
        "The computer says that it's {late} late.) >> The book is {late} late.",
    "[fine,free]A: (I'm sorry, {whyI}.|I know. {whyI}.|Really? You see, {whyI}.|Oh dear. The thing is, {whyI}.) >> {A} "
        "explains that {whyS}.",
    "[fine]B: (Well, there's a fine of {fine} {cur}.|I'm afraid you have to pay {fine} {cur}.|That makes {fine} {cur}.|I "
        "understand, but it costs {fine} {cur}.) >> {A} has to pay {fine} {cur}.",
    "[fine]A: (All right, that's fair.|So much? Well, it's my own fault.|Can I pay by card?|Here you are.)",
    "[free]B: (Never mind. You don't have to pay this time.|It's the first time, so we'll forget about the fine.|Don't "
        "worry about the fine. It can happen.|I'll make an exception. There's nothing to pay.) >> {A} does not have to pay a "
        "fine.",
    "[free]A: (That's very kind of you.|Really? Thank you.|It won't happen again.|Oh, that's a relief.)",
    "[lost]B: (Have you looked everywhere?|Since when has it been missing?|Are you sure? Did you look under the bed?)",
    "[lost]A: (Everywhere, even in the car.|Yes, I've turned the house upside down.|I think I left it on the bus.|I've "
        "been looking for it for {late}.)",
    "[lost]B: (Then you have to pay for a new one, {fine} {cur}.|In that case we have to buy a new one. That costs {fine} "
        "{cur}.|I'm sorry, but the price is {fine} {cur}.) >> {A} has to pay {fine} {cur} for a new copy.",
    "[lost]A: (Of course. I'm very sorry.|And if I find it again?|That's all right. Here's the money.|Can I buy it "
        "somewhere myself?)",
    "[renew&!more]B: (Let me see. No one else wants it, so you can keep it for {late} more.|That's possible. You have "
        "{late} more.|Yes, I'll give you another {late}.) >> {A} may keep it for another {late}.",
    "[renew&more]B: (I'm sorry, somebody else has ordered it. You must bring it back by {ready}.|That's not possible, "
        "there are three people waiting. Please return it by {ready}.|No, somebody is waiting for it. We need it by {ready}.) "
        ">> {A} must return it by {ready}.",
    "[renew&!more]A: (That's enough. Thanks.|Great, I read slowly.|Perfect, then I can finish it.)",
    "[renew&more]A: (Then I'll have to read all night.|Oh. I only have fifty pages left.|All right, I'll try to finish it.|"
        "That's a pity, it's just getting exciting.)",
    "[fine&more,free&more]A: (Do you have {wanted}?|I'm also looking for {wanted}.|Is {wanted} here at the moment?) >> {A} "
        "asks for {wanted}.",
    "[fine&more,free&more]B: (It's out, but it will be back {ready}.|Not at the moment, come again {ready}.|Somebody has "
        "it until {ready}.|We'll have it again {ready}.) >> {wanted} will be back {ready}.",
    "[fine&more,free&more]A: (Could you keep it for me?|I'll come back then.|Can you call me when it's here?)",
    "[fine&more,free&more]B: (Sure, I'll put your name on it.|Of course.|I'll send you a message.)",
    "& 40 thanks A",
    "= come [fine,free]{A} (returns|brings back) {title} {late} late because {whyS} | [fine,free]{A} (returns|brings back) "
        "a library book, {title}, which is {late} late | [lost]{A} has lost {title}, a (book from the library|library book) | "
        "[lost]{A} cannot find {title}, which (is|was borrowed) from the library | [renew]{A} (wants|would like) to keep "
        "{title}, a library book, (for longer|longer) | [renew]{A} asks (if {Ahe} can|whether {Ahe} may) keep {title} longer",
    "= end [fine]{A} (has to|must) pay a fine of {fine} {cur} | [fine]{B} asks for a fine of {fine} {cur} | [free]{B} lets "
        "{Ahim} off without a fine | [free]there is nothing to pay this time | [lost]{A} (has to|must) pay {fine} {cur} for a "
        "new (copy|one) | [renew&!more]{B} gives {Ahim} another {late} | [renew&!more]{B} allows it for {late} more | "
        "[renew&more]{B} says no, because somebody else (wants it|is waiting for it), and it must be back by {ready} | "
        "[renew&more]{Ahe} must return it by {ready}, as somebody else is waiting for it",
    "= also [fine&more,free&more]{A} (also asks for|would also like) {wanted}, which will be back {ready}",
    "S {come}. {end}.",
    "S {come}, and {end}.",
    "S {come}. {end}. {also}.",
    "S (At the library, |){come}. {end}.",
    "Q What is the book called?|Which book is it about?|What is the title of the book? => {title}",
    "[fine,free]Q How late is the book? => {late}",
    "[fine,free]Q Why is the book late? => because {whyS}",
    "[fine,lost]Q How much does {A} have to pay? => {fine} {cur}",
    "[free]Q Does {A} have to pay? => no",
    "[renew]Q May {A} keep the book longer? => ([more]no|[!more]yes)",
    "[fine&more,free&more]Q Which other book does {A} want? => {wanted}",
    "Q What does {B} say or decide?|How does it end? => {end}",
    "Q Where are they? => (at|in) the library",
    "# lost luggage|a missing suitcase|the lost luggage desk",
    "@ tn",
    "$ bag,short {a colour} suitcase~suitcase|a large {colour} bag~bag|{a colour} backpack~backpack|a small {colour} "
        "suitcase~suitcase|an old {colour} travel bag~bag",
    "$ city {city}",
    "$ flight {#112-989*7}",
    "$ mark a ribbon on the handle|a sticker of a {pet} on the side|my initials on the front|a broken wheel|a name tag|a "
        "belt around it|a patch in the shape of a star|a dent in the corner|a leather strap|my address on the lid|a red string "
        "on the zip|a luggage lock",
    "$ inside,insideS my medicine~medicine|a present for my {kin}~a present|the papers for a meeting~papers for a meeting|"
        "my camera~a camera|all my warm clothes~warm clothes|my wedding dress~a wedding dress|my swimming things~swimming "
        "things|a jar of my {kin}'s jam~a jar of jam|three lenses for my microscope~lenses for a microscope||my walking "
        "boots~walking boots|a bottle of olive oil~a bottle of olive oil",
    "$ hotel the {hotelname}",
    "$ when tonight|tomorrow morning|tomorrow evening|on {weekday}|in two days||in the next three days",
    "$ limit {#60-200*20}",
    "! found|search|delivery|form",
    "! 40 money",
    "& 35 pause B",
    "A: (Excuse me, |Hello, |Good evening, )(my {short} didn't come out on the belt|my {short} is missing|I can't find my "
        "{short}|all the other bags came, but not my {short}|I've been waiting for an hour, and my {short} still isn't here). "
        ">> {A} cannot find {Ahis} {short}.",
    "B: (I'm sorry to hear that{,A}. |Oh, I'm sorry. |Don't worry, we'll do our best. |)(Which flight were you on?|Where "
        "did you come from?|Which flight was it?|May I see your ticket, please?)",
    "A: (Flight {flight} from {city}.|I came from {city} on flight {flight}.|The one from {city}, number {flight}.|I flew "
        "in from {city}. It was flight {flight}.) >> {A} was on flight {flight} from {city}.",
    "B: (And what does it look like?|Can you describe it?|What does your {short} look like?|I need a description of it.)",
    "A: (It's {bag}|It is {bag}, not very heavy,|{bag}) with {mark}. (|It's quite new.|You can't miss it.|I've had it for "
        "years.) >> {A} describes {bag}.",
    "& 25 confirm B bag",
    "B: (Is there anything valuable in it?|What is in it?|Was there anything important inside?|Anything special inside?)",
    "A: (A few things, and also {inside}.|Just clothes and {inside}.|{inside}, among other things.|Well, {inside}. So I "
        "need it soon.)",
    "[found]B: (One moment. |Let me call my colleague. |I'll look in the back. |)(Good news, |You're lucky, |Ah, )(it has "
        "just turned up at the next belt|it is standing here behind the desk|somebody took it by mistake and brought it back|"
        "it came with an earlier flight). >> {B} has found the {short}.",
    "[found]A: (What a relief!|Thank goodness!|Oh, I'm so glad!|That's wonderful!) (|I already thought it was gone.)",
    "[search]B: (I'm afraid it isn't in the computer yet.|At the moment I can't see where it is.|I don't know where it is "
        "yet.) We('ll| will) (look for it|search for it) and (call you|let you know) {when~}. >> {B} will call {A} {when}.",
    "[search&!money]A: (But I need it now!|And if you don't find it?|That's very annoying.|What a start to my holiday!)",
    "[search&!money]B: (Most bags are found within a day.|I really am sorry. We'll do our best.|I understand. It's "
        "unpleasant, but most bags turn up.)",
    "[search&money]A: (And what am I supposed to wear until then?|I don't even have a toothbrush. What can I do?|So I have "
        "nothing at all until then?|What about the things that I need now?)",
    "[search&money]B: (You can buy what you need and send us the bill, up to {limit} {cur}.|Please keep the receipts, we "
        "pay up to {limit} {cur}.|You may spend up to {limit} {cur} on clothes. We'll pay for it.) >> {B} says they pay up to "
        "{limit} {cur}.",
    "[delivery]B: (It's still in {city}|It was left behind in {city}|It missed the plane in {city}), but (it will arrive|"
        "it comes with the next flight) {when}. We can (bring it to your hotel|deliver it). Where are you staying? >> The "
        "{short} is still in {city}.",
    "[delivery]A: (At {hotel}.|I'm staying at {hotel}.|{hotel}, room {#21-89}.|A friend has booked me a room at {hotel}.) "
        ">> {A} is staying at {hotel}.",
    "[delivery]B: (Good, our driver will bring it there.|Fine. We'll deliver it there, free of charge.|Then you don't have "
        "to come back here. We'll bring it.)",
    "[form]B: (I can't see it in the system. |)Please (fill in this form|complete this form) and (leave it with my "
        "colleague|bring it back to this desk). (Without the form we can't start.|Then we can start looking.|Don't forget to "
        "sign it.) >> {B} asks {A} to fill in a form.",
    "[form]A: (Do I need my passport for that?|Can't I do it online?|Another form? I've been up since four.|Do you have a "
        "pen?)",
    "[form]B: (Yes, please.|I'm sorry, those are the rules.|I understand, but it only takes five minutes.|Just take your "
        "time.)",
    "& 55 thanks A",
    "= lost {A's} {short} (is missing|did not arrive|is lost) after (a flight|flight {flight}) from {city} | {A} (cannot "
        "find|is looking for|reports the loss of) {Ahis} {short} after (a flight|flight {flight}) from {city} | {A} (has "
        "arrived|arrives) from {city} without {Ahis} {short}",
    "= look It is {bag} with {insideS} in it | {A} describes it as {bag} with {insideS} in it | {A} says that it is {bag} |"
        " {A} (explains|tells {B}) what it looks like and (what is in it|that there are important things in it)",
    "= end [found]{B} (finds it|has found it|tells {A} that it has been found) | [found](luckily|fortunately) it has "
        "(already |)been found | [search]{B} (promises to call|will call|will let {A} know) {when} | [search&money]{B} (will "
        "call {when} and|) allows {A} to spend up to {limit} {cur} | [delivery]it (is still in {city}|was left behind) and "
        "will be (brought|delivered) to {hotel} | [delivery]{B} will (have it brought|deliver it) to {hotel}, (where {A} is "
        "staying|when it arrives {when}) | [form]{B} (asks {A} to|tells {A} to) fill in a form | [form]{A} (has to|must) fill "
        "in a form before the search can start",
    "S {lost}. {look}. {end}.",
    "S {lost}. {end}.",
    "S {lost}, and {end}. {look}.",
    "S {A} (asks {B} for help|goes to the luggage desk|needs help) because {Ahis} {short} from flight {flight} is missing. "
        "{end}.",
    "Q What has {A} lost?|What is missing?|What is {A} looking for? => ({bag}|a {short})",
    "Q Where did {A} fly from?|Which city did {A} come from? => {city}",
    "Q What is the number of the flight?|Which flight was {A} on? => ({flight}|flight {flight})",
    "Q What does the {short} look like?|How does {A} describe the {short}? => {bag}",
    "[delivery]Q Where is {A} staying?|Where will the {short} be brought? => at {hotel}",
    "[search]Q When will {B} call {A}? => {when}",
    "[money]Q How much may {A} spend?|Up to how much will be paid? => {limit} {cur}",
    "Q What does {B} do about it?|How does it end?|What happens with the {short}? => {end}",
    "Q Has the {short} been found? => ([found]yes|[!found]no)",
    "Q Where does this take place? => at the airport",
    "# a bad mark|a talk between teacher and student|help at school",
    "@ ft",
    "$ subj {subject}",
    "$ test test|essay|talk|homework",
    "$ whyI,whyS I didn't understand the questions~{Ahe} did not understand the questions|I was ill the week before~{Ahe} "
        "had been ill|I learned the wrong chapter~{Ahe} learned the wrong chapter|I was too nervous~{Ahe} was too nervous|"
        "there was no time left~{Ahe} had no time left|I have to work in the evenings~{Ahe} works in the evenings|my pen "
        "leaked all over the page~{Ahis} pen leaked|I mixed up two formulas~{Ahe} mixed up two formulas|I skipped a whole page "
        "by accident~{Ahe} skipped a page|my grandparents were visiting all week~{Ahe} had visitors all week||my baby brother "
        "cried all night~{Ahe} could not sleep",
    "$ again {weekday}|{weekday} at {time}|the {#10-20}th",
    "$ help {weekday}s at {time}|{weekday}s after school",
    "* mate",
    "$ topic {book}|{country}|{city}|the weather|the human eye|dinosaurs|electricity|the Alps|steam engines|healthy food|"
        "the moon landing|famous inventors|the French Revolution||the solar system",
    "$ pages {#3-10} pages",
    "! repeat|tutor|extra|stay",
    "! 35 parents",
    "A: (Excuse me{,B}, can I talk to you?|{B,}do you have a minute?|Sorry to disturb you{,B}.|May I ask you "
        "something{,B}?) (It's about my mark in {subj}.|I don't understand my mark in {subj}.|I'm very unhappy with my mark in "
        "{subj}.|It's about the {subj} {test}.) >> {A} wants to talk about the mark in {subj}.",
    "B: (Of course{,A}. Sit down.|Yes{,A}, I was surprised, too.|I wanted to talk to you as well.|Sure. What's on your "
        "mind{,A}?) (What went wrong?|What happened?|You're normally so good.|I've never seen you so weak.)",
    "A: (Well, {whyI}.|The problem is that {whyI}.|To be honest, {whyI}.|I'm ashamed, but {whyI}.) >> {A} explains that "
        "{whyS}.",
    "B: (I see.|You should have told me before.|I understand.|That can happen to anyone.|Why didn't you say anything?)",
    "[parents]A: (My parents will be so disappointed.|Please don't call my parents.|My mother will be angry.)",
    "[parents]B: (We'll find a way before that.|I'll talk to them, if you like.|It isn't the end of the world.)",
    "[repeat]A: (Could I do it again?|Is there a second chance?|May I repeat the {test}?) >> {A} asks for a second chance.",
    "[repeat]B: (All right. You can repeat it on {again~}.|Yes, on {again}. But learn for it!|I'll give you a new one on "
        "{again}.|OK. Come on {again}, and we'll try once more.) >> {A} may repeat the {test} on {again}.",
    "[repeat]A: (Thank you! I'll be ready.|I won't disappoint you.|That's so kind. I'll start today.|On {again}? I'll "
        "study day and night.)",
    "[tutor]A: (What can I do to get better?|How can I improve?|I really want to learn it. What can I do?)",
    "[tutor]B: (You could learn with {mate}. {matehe} is very good at it.|{mate} helps others on {help}. Go there.|Ask "
        "{mate} to help you. {matehe} has time on {help}.) >> {B} advises {A} to learn with {mate}.",
    "[tutor]A: (I hardly know {matehim}. But I'll try.|{mate}? Yes, {matehe} explains well.|Good idea. I'll ask {matehim} "
        "today.|Is that expensive?)",
    "[tutor]B: (You'll see, it helps.|Tell {matehim} that I sent you.|Two heads are better than one.|It costs nothing. "
        "{mate} likes to do it.)",
    "[extra]A: (Is there anything I can do for a better mark?|Could I do something extra?|Can I still save my mark?)",
    "[extra]B: (You could write {pages} about {topic}.|Write {pages} about {topic} for me.|If you write {pages} about "
        "{topic}, I'll give you a better mark.) (I need it by {again}.|You have until {again}.|Give it to me by {again}.) >> "
        "{A} can write {pages} about {topic}.",
    "[extra]A: ({pages}? All right.|I like that topic.|I'll do my best.|Thank you for the chance.)",
    "[stay]A: (Can't you change the mark?|Couldn't you give me a better mark?|Only this once, couldn't you change it?) >> "
        "{A} asks for a better mark.",
    "[stay]B: (I'm sorry, that wouldn't be fair to the others.|No, rules are rules.|I can't do that. Everybody had the "
        "same questions.|Unfortunately the mark has to stay.) >> {B} does not change the mark.",
    "[stay]A: (That's hard.|I was afraid of that.|I see. I understand.|But it's so important for me!)",
    "[stay]B: (The next {test} is on {again}. Show me what you can do.|Do better on {again}, then nobody will think of it "
        "any more.|There's a new chance on {again}.)",
    "& 35 thanks A",
    "= talk {A} (talks to {B}|comes to {B}) about (a bad|the bad) mark in {subj} and explains that {whyS} | {A} is unhappy "
        "with {Ahis} mark in {subj} and says that {whyS} | {A} (has got|got) a bad mark in {subj} because {whyS}",
    "= end [repeat]{B} lets {A} repeat it on {again} | [repeat]{A} may repeat the {test} on {again} | [repeat]{B} gives "
        "{Ahim} a second chance on {again} | [tutor]{B} advises {Ahim} to learn with {mate} | [tutor]{B} thinks that {mate} "
        "could help {Ahim} | [extra]{A} can get a better mark with {pages} about {topic} | [extra]{B} (asks {Ahim}|tells "
        "{Ahim}) to write {pages} about {topic} by {again} | [stay]{B} (does not change it|refuses to change it), but there is "
        "a new chance on {again} | [stay]the mark must stay, as {B} wants to be fair",
    "S {talk}. {end}.",
    "S {talk}, ([stay]but|[!stay]and) {end}.",
    "S {talk}. {A} asks {B} for help. {end}.",
    "Q In which subject did {A} get a bad mark?|Which subject do they talk about? => {subj}",
    "Q Why was {A} so bad?|What is {A's} explanation? => {whyS}",
    "[repeat]Q When can {A} repeat the {test}? => on {again}",
    "[tutor]Q With whom should {A} learn? => with {mate}",
    "[extra]Q How much should {A} write? => {pages}",
    "[extra]Q What should {A} write about? => {topic}",
    "[stay]Q Does {B} change the mark? => no",
    "[stay]Q When is the next {test}? => on {again}",
    "Q Who is the teacher?|Which of them is the teacher? => {B}",
    "Q How does it end?|What does {B} decide? => {end}",
    "# borrowing money|money between friends|a loan",
    "@ ff",
    "$ sum {#20-200*10}",
    "$ part {#10-15*5}",
    "$ forI,forS my bicycle was stolen~{Ahis} bicycle was stolen|I have to pay the dentist~{Ahe} has to pay the dentist|my "
        "fridge has broken down~{Ahis} fridge has broken down|I want to buy a present for my {kin}~{Ahe} wants to buy a "
        "present|I forgot my wallet at home~{Ahe} forgot {Ahis} wallet|my train ticket costs more than I thought~{Ahis} train "
        "ticket is expensive|I have to pay a parking fine~{Ahe} has to pay a parking fine|my glasses broke in two~{Ahis} "
        "glasses broke|the vet sent me a huge bill~{Ahe} has to pay the vet|my tenant hasn't paid~{Ahis} tenant has not paid|I "
        "want to rent a violin~{Ahe} wants to rent a violin|my boiler exploded~{Ahis} boiler exploded|I need a deposit for the "
        "new flat~{Ahe} needs a deposit for a flat||my car was towed away~{Ahis} car was towed away",
    "$ back on {day}|next week|at the end of the month|in {month}||after payday",
    "$ noI,noS I'm saving for a holiday~{Bhe} is saving for a holiday|I've just paid my rent~{Bhe} has just paid {Bhis} "
        "rent|I don't earn much at the moment~{Bhe} does not earn much|I never lend money to friends~{Bhe} never lends money "
        "to friends||I've lent everything to my {kin}~{Bhe} has already lent all {Bhis} money",
    "$ job wash the car|paint the fence|clean the cellar|walk the dog for a week|mow the lawn|rake the leaves|fix the "
        "leaking tap|repair the shed|clear the gutters|babysit the twins|assemble a wardrobe||chop the wood",
    "! yes|no|part|work",
    "! 35 debt",
    "& 65 hello A",
    "A: (Could you lend me {sum~} {cur}?|Can I borrow {sum} {cur} from you?|I hate to ask, but could you lend me {sum} "
        "{cur}?|Would you lend me some money? I need {sum} {cur}.) >> {A} wants to borrow {sum} {cur}.",
    "B: ({sum} {cur}? What for?|That's a lot. What do you need it for?|What has happened?|Is something wrong?|Again? What "
        "is it this time?)",
    "A: (You see, {forI}.|It's silly, but {forI}.|Well, {forI}.|The problem is that {forI}.) >> {A} needs it because "
        "{forS}.",
    "& 35 aside B",
    "[debt]B: (But you still owe me money from last time.|And what about the money that I lent you before?|I haven't got "
        "back the last money yet.)",
    "[debt]A: (I know. You'll get everything back.|Oh, I completely forgot about that.|I'm sorry. I'll pay all of it "
        "together.)",
    "[yes]B: (All right. When will I get it back?|Sure. And when can you pay it back?|OK, I trust you. Until when?|No "
        "problem, but I need it back soon.) >> {B} lends {A} the money.",
    "[yes]A: (You'll have it back {back~}.|I'll pay it back {back}.|{back}, I promise.|You'll get it {back}.) >> {A} will "
        "pay it back {back}.",
    "[yes]B: (Good. Here you are.|Fine. I'll get it from the bank.|Then I'll send it to you tonight.|OK, but don't forget "
        "it.)",
    "[yes]A: (You're a real friend.|Thank you, you've saved me.|I won't forget that.|I owe you a dinner, too.)",
    "[no]B: (I'm sorry, {noI}.|I'd like to, but {noI}.|I can't. {noI}.|You know, {noI}.) >> {B} does not lend it because "
        "{noS}.",
    "[no]A: (I understand.|Never mind, I'll find another way.|Oh. What shall I do now?|That's all right. It was worth a "
        "try.)",
    "[no]B: (Have you asked your {kin}?|Why don't you ask your bank?|Maybe your boss can pay you earlier.|You could sell "
        "something that you don't need.)",
    "[no]A: (I'll think about it.|That's my last hope.|Good idea. I'll try.|I'd rather not, but I have no choice.)",
    "[part]B: (I don't have that much. I can give you {part}.|{part} is all I have with me.|I can only spare {part}.|How "
        "about {part}? More isn't possible.) >> {B} can only lend {part} {cur}.",
    "[part]A: (That helps a little. Thank you.|Every bit helps.|{part} {cur}? Better than nothing.|Then I only have to "
        "find the rest.)",
    "[part]B: (Ask the others for the rest.|Pay it back when you can.|I'm sorry that it isn't more.)",
    "[work]B: (I won't lend it to you, but you can earn it.|Let's do it another way. You work for it.|I have a better "
        "idea.) (I need somebody to {job}.|If you {job}, you'll get it.|You could {job}.) >> {B} wants {A} to {job} for the "
        "money.",
    "[work]A: (That's a fair deal.|OK, when shall I come?|Gladly. Then I don't owe you anything.|Hmm, all right. I have no "
        "choice.)",
    "[work]B: (Come on {day}.|You can start right away.|Good. I don't like to do it myself.|Then we're both happy.)",
    "= ask {A} (asks {B} for|wants to borrow|would like to borrow|needs) {sum} {cur} because {forS} | {forS}, so {A} "
        "(wants to borrow|asks {B} for) {sum} {cur}",
    "= end [yes]{B} (lends it to {Ahim}|agrees), and {A} (will pay|promises to pay) it back {back} | [yes]{B} lends {Ahim} "
        "the money until {A} can pay it back {back} | [no]{B} (refuses|says no) because {noS} | [no]{B} does not lend {Ahim} "
        "anything, as {noS} | [part]{B} can only (give|lend) {Ahim} {part} {cur} | [part]{B} lends {Ahim} {part}, because "
        "{Bhe} does not have more | [work]{B} wants {Ahim} to {job} for the money, and {A} agrees | [work]{A} is told to {job} "
        "for it",
    "S {ask}. {end}.",
    "S {ask}, ([no,part]but|[yes,work]and) {end}.",
    "[debt]S {ask}. {A} still owes {B} money. {end}.",
    "Q How much does {A} want to borrow?|How much money does {A} need? => {sum} {cur}",
    "Q Why does {A} need money?|What has happened to {A}? => {forS}",
    "[yes]Q When will {A} pay it back? => {back}",
    "[no]Q Why does {B} not lend the money? => because {noS}",
    "[part]Q How much does {B} lend? => {part} {cur}",
    "[work]Q What should {A} do for the money? => {job}",
    "[debt]Q Does {A} already owe {B} money? => yes",
    "Q Does {B} lend {A} the money? => ([yes]yes|[no,work]no|[part]only a part)",
    "Q Who needs money? => {A}",
    "Q How does it end?|What does {B} decide? => {end}",
    "# moving house|helping a friend to move|help with a move",
    "@ ff",
    "$ day {day}",
    "$ time {morning}",
    "$ where {street}|a flat in {street}|a house near {city}|a village near {city}||a farm near {city}",
    "$ heavy2 the piano|the washing machine|the wardrobe|the big sofa|my {#20-60*5} boxes of books|the freezer|the "
        "dishwasher|the bookshelves|the marble table|my drum kit|the antique mirror|the king-size mattress|my collection of "
        "stones||the aquarium|the old clock",
    "$ van {#35-90*5}",
    "$ reward a pizza|{dish}|a good dinner|breakfast for everyone|hot dogs|homemade lemonade and sandwiches|a barbecue in "
        "the yard|sushi for everybody|waffles with cream||ice cream for all",
    "$ whyI,whyS my back hurts~{Bhis} back hurts|I have to work~{Bhe} has to work|my {kin} is getting married~there is a "
        "wedding in {Bhis} family|I'm in {city} on that day~{Bhe} will be in {city}|I have an exam~{Bhe} has an exam||I'm "
        "running a race~{Bhe} is running a race",
    "* friend",
    "! yes|later|no|van",
    "! 45 reward",
    "& 60 hello A",
    "A: (I'm moving to {where} on {day~}.|I've found a new place! I'm moving to {where} on {day}.|You know that I'm moving "
        "on {day}, to {where}, don't you?|On {day} I'm finally moving to {where}.) >> {A} is moving to {where} on {day}.",
    "B: (Really? |So soon? |Congratulations! |Oh, how exciting! |)(Is it nice?|Are you happy about it?|Have you packed "
        "everything?|How is the new place?|Why are you moving?)",
    "A: (It's bigger and cheaper.|It's much closer to work.|It has a lovely garden.|I haven't even started packing.|The "
        "old one was too small.)",
    "& 35 aside B",
    "A: (Could you help me|Would you have time to help|Can I ask you for help|Do you think you could help me)? >> {A} asks "
        "{B} for help.",
    "[yes]B: (Of course, I'd be glad to.|Sure, what are friends for?|Yes, I have nothing planned.|No problem. I like "
        "moving furniture.) (When do you start?|When shall I come?|At what time?) >> {B} will help {A}.",
    "[yes]A: (At {time}.|We start at {time}.|Could you be there at {time}?|Come at {time}, if you can.) (The worst thing "
        "is {heavy2}.|We have to carry {heavy2}.|I'm worried about {heavy2}.) >> They start at {time}.",
    "[yes]B: (We'll manage.|I'll bring my gloves.|We can do it together.|That's not so bad. I've carried worse.)",
    "[later]B: (In the morning I can't, {whyI}.|I can't come early, {whyI}.|Not before noon, because {whyI}.|Only in the "
        "afternoon. You see, {whyI}.) >> {B} can only come in the afternoon.",
    "[later]A: (That's fine.|No problem, there will be enough to do.|The afternoon is even better.|Then you can help me to "
        "unpack.) (We start at {time} anyway.|Come as soon as you can.|I'll be glad about every hand.)",
    "[later]B: (Good, see you in the afternoon.|I'll come straight after that.|I'll hurry.)",
    "[no]B: (I'm really sorry, but {whyI}.|I'd love to, but {whyI}.|Oh no. On {day} I can't, {whyI}.|I'm afraid not. You "
        "see, {whyI}.) >> {B} cannot help because {whyS}.",
    "[no]A: (That's a pity.|Oh. I had counted on you.|I understand. I should have asked before.|Too bad.)",
    "[no]B: (But ask {friend}. {friendhe} is strong and has time.|Have you asked {friend}? I'm sure {friendhe} would do "
        "it.|I could ask {friend} for you.|Maybe {friend} can come. {friendhe} owes me a favour.) >> {B} suggests asking "
        "{friend}.",
    "[no]A: (Good idea. I'll call {friendhim}.|I don't know {friendhim} well, but I'll try.|Yes, please do.|Thanks. Do you "
        "have {friendhis} number?)",
    "[van]B: (I'd like to. How do you get the things there?|Yes, gladly. But do you have a car for all that?|Sure. Have "
        "you rented a van?) >> {B} asks about a car.",
    "[van]A: (That's the problem. A van costs {van} {cur} a day.|Not yet. They want {van} {cur} for a van.|No, {van} {cur} "
        "for a day is too much for me.|I don't have one. It would be {van} {cur}.) >> A van costs {van} {cur} a day.",
    "[van]B: (You can have my {kin}'s van for nothing.|My {kin} has a van. I'll ask.|Don't pay that. I can borrow one from "
        "work.) >> {B} can get a van.",
    "[van]A: (That would be wonderful.|You're an angel.|Really? That saves me a lot.|I don't know how to thank you.)",
    "[!no&reward]A: (Afterwards there will be {reward}.|And then I'll make {reward}.|As a thank you, I'll invite you to "
        "{reward}.) >> {A} promises {reward}.",
    "[!no&reward]B: (That sounds good.|Then I'll come for sure.|You know how to make me work!)",
    "& 45 bye A",
    "= move {A} is moving to {where} on {day} and (asks {B} for help|asks {B} to help|needs {B's} help) | {A} asks {B} for "
        "help because {Ahe} is moving to {where} on {day} | {A} needs help with (a move|moving) to {where} on {day}",
    "= end [yes]{B} (agrees|is glad to help) and will come at {time} | [yes]{B} will help, and they start at {time} | "
        "[yes]{B} (says yes|promises to help) | [later]{B} can only (come|help) in the afternoon because {whyS} | "
        "[later]because {whyS}, {B} will come in the afternoon | [no]{B} cannot (come|help) because {whyS} but suggests asking "
        "{friend} | [no]as {whyS}, {B} has no time and (recommends|thinks of) {friend} | [van]{B} will help and can (borrow|"
        "get) a van for nothing | [van]a van would cost {van} {cur}, but {B} can (get|borrow) one",
    "= also [reward&!no]afterwards {A} will offer {reward} | [reward&!no]{A} promises {reward} as a thank you | "
        "[reward&!no]for this, {A} promises {reward}",
    "S {move}. {end}.",
    "S {move}. {end}. {also}.",
    "S {A} is (about to move|going to move) to {where} and asks {B} for help. {end}.",
    "S {move}, ([no,later]but|[yes,van]and) {end}.",
    "Q Where is {A} moving? => to {where}",
    "Q When is {A} moving?|On which day is the move? => on {day}",
    "Q What does {A} ask for? => (help|help with the move)",
    "[yes]Q When do they start?|At what time should {B} come? => at {time}",
    "[later]Q Why can {B} not come in the morning? => because {whyS}",
    "[no]Q Why can {B} not help? => because {whyS}",
    "[no]Q Who does {B} suggest?|Who else could help? => {friend}",
    "[van]Q What does a van cost? => {van} {cur} a day",
    "[reward&!no]Q What does {A} promise for the help? => {reward}",
    "Q Does {B} help? => ([no]no|[later]yes, in the afternoon|[yes,van]yes)",
    "Q What does {B} answer?|How does it end? => {end}",
    "# noise from the neighbours|a complaint to a neighbour|trouble between neighbours",
    "@ tt",
    "$ noise,noiseS your music is so loud that I can't sleep~the loud music|your dog barks all day~a barking dog|your "
        "children run up and down the stairs until ten~children on the stairs|somebody in your flat plays the trumpet at "
        "night~a trumpet at night|you were drilling until eleven last night~drilling at night|your television is on at full "
        "volume~a loud television|you vacuum the carpet at midnight~vacuuming at midnight|your parrot shrieks at dawn~a "
        "shrieking parrot|somebody hammers against the wall~hammering|your washing machine thumps all night~a thumping washing "
        "machine|you practise tap dancing above my bedroom~tap dancing||your party went on until three~a party that went on "
        "until three",
    "$ whyI,whyS I start work at five~{Ahe} starts work at five|we have a baby~there is a baby in the flat|I work at night "
        "and sleep by day~{Ahe} works at night|I have an important exam this week~{Ahe} has an important exam|my {kin} is "
        "ill~somebody in the family is ill|I have to write a book and need quiet~{Ahe} is writing a book|I'm a nurse and work "
        "nights~{Ahe} works nights as a nurse|I'm translating a novel~{Ahe} is translating a novel|I get migraines~{Ahe} gets "
        "migraines|my hearing aid makes it twice as loud~{Ahe} has a hearing aid||I've just had an operation~{Ahe} has had an "
        "operation",
    "$ floor first|second|third|fourth|fifth",
    "$ until nine|ten|half past nine",
    "$ excuse it was my birthday|my {kin} was here for a visit|I didn't know that the walls were so thin|nobody has "
        "complained before|I thought you were away|I've only lived here for a week",
    "! sorry|deal|angry|other",
    "! 55 cake",
    "A: ({B,}I'm sorry to disturb you, but |Good evening{,B}. I live on the {floor} floor, and |Excuse me{,B}, I'm your "
        "neighbour from the {floor} floor. |Hello{,B}. I have to talk to you: |{B,}can we talk for a minute? ){noise}. >> {A} "
        "complains about {noiseS}.",
    "[!other]B: (Oh, is it so bad?|Really? Can you hear it?|Is it? I had no idea.|Oh dear. I didn't notice.|You're "
        "exaggerating, aren't you?)",
    "[other]B: (From my flat? That can't be.|I'm afraid you have the wrong door.|That's not me.|It can't be us, we were "
        "away until today.) (It must be the people on the {floor} floor.|I hear it too. It comes from upstairs.|I've heard it "
        "too, it's the new family upstairs.) >> {B} says that it does not come from {B's} flat.",
    "[other]A: (Oh, I'm so sorry.|Really? Then I must apologise.|I beg your pardon. I was so sure.|How embarrassing.)",
    "[other]B: (No harm done. Shall we talk to them together?|It doesn't matter. Let's go and talk to them together.|Never "
        "mind. If you like, I'll come with you.) >> {B} suggests that they talk to the others together.",
    "[other]A: (Yes, let's do that.|Thank you. Two are better than one.|That would be good. How about tomorrow?|Gladly. I "
        "don't like to go alone.)",
    "[!other]A: (You see, {whyI}.|I wouldn't say anything, but {whyI}.|The thing is that {whyI}.|It's hard for me, because "
        "{whyI}.) >> {A} says that {whyS}.",
    "[sorry]B: (I'm very sorry. |Please forgive me, |I really do apologise. |I feel terrible about it. ){excuse}. >> {B} "
        "apologises to {A}.",
    "[sorry]A: (I see. But could you be quiet from now on?|Well, if it doesn't happen again.|I understand. Just be a "
        "little quieter, please.)",
    "[sorry]B: (Of course. It won't happen again.|I promise.|You won't hear anything any more.|You have my word.) (|And "
        "please come over for a coffee some day.) >> {B} promises to be quiet.",
    "[deal]B: (I understand, but it's my home too.|I can't sit in the dark and be silent.|But I have a right to live, too.|"
        "During the day it must be allowed.) (What about until {until}?|Is it all right until {until}?|How about this: after "
        "{until} you won't hear anything.) >> {B} offers to be quiet after {until}.",
    "[deal]A: (All right, until {until}.|I can live with that.|That's a fair offer.|If you keep to it, then yes.) >> {A} "
        "agrees.",
    "[deal]B: (Good, then it's a deal.|And if it's too loud, just knock on the wall.|I'm glad that we talked.|Thank you "
        "for coming to me first.)",
    "[angry]B: (That's your problem.|I can do what I like in my own flat.|Then buy something for your ears.|If you don't "
        "like it, move out.) >> {B} does not want to change anything.",
    "[angry]A: (Then I'll have to talk to the landlord.|In that case I'll call the police next time.|I'd hoped that we "
        "could talk about it. I'll write to the landlord.|You leave me no choice. I'll tell the landlord.) >> {A} wants to "
        "complain elsewhere.",
    "[angry]B: (Do what you want.|Go ahead. I don't care.|Good night.|He's a friend of mine, by the way.)",
    "[sorry&cake,deal&cake]A: (Thank you. Good night.|I'm glad we could talk.|Good. And you're a nice neighbour, after "
        "all.|That's kind. Have a good evening.)",
    "= comp {A} (complains to {B} about|talks to {B} about|is disturbed by) {noiseS} | {A} (tells|explains to) {Ahis} "
        "neighbour {B} that {Ahe} is disturbed by {noiseS}",
    "= why because {whyS} | and explains that {whyS} | and says that {whyS}",
    "= end [sorry]{B} (apologises|says sorry) and promises to be (quiet|quieter) | [sorry]{B} is sorry and will be more "
        "quiet from now on | [deal]they agree that (it must be quiet|there must be no noise) after {until} | [deal]{B} offers "
        "to be quiet after {until}, and {A} (agrees|accepts) | [angry]{B} (does not care|refuses to change anything|is rude), "
        "so {A} will (complain elsewhere|take further steps) | [other]{B} explains that it comes from another flat, and they "
        "(decide|want) to talk to the others together | [other]it turns out that {B} is not to blame, and {A} apologises",
    "S {comp} {why}. {end}.",
    "S {comp}. {end}.",
    "[!other]S {comp}. {A} wants it to stop because {whyS}. {end}.",
    "S {A} (knocks at|comes to) {B's} door because of {noiseS}. {end}.",
    "Q What does {A} complain about?|What disturbs {A}?|Why does {A} talk to {B}? => {noiseS}",
    "Q Why does {A} need quiet?|Why is the noise bad for {A}? => {whyS}",
    "[deal]Q Until when may it be loud?|After what time will {B} be quiet? => {until}",
    "[sorry]Q What does {B} promise? => to be quiet",
    "[angry]Q Is {B} friendly? => no",
    "[other]Q Does the noise come from {B's} flat? => no",
    "[!angry&!other]Q Does {B} want to be quieter? => yes",
    "Q How does the talk end?|How does {B} answer?|What is the result? => {end}",
    "Q What are {A} and {B}?|How do {A} and {B} know each other? => they are neighbours",
    "# a parcel at the post office|sending a parcel|a lost letter",
    "@ sn",
    "$ what a parcel|a large parcel|a small packet|a heavy box|a wooden box",
    "$ inI,inS a teapot for my {kin}~a teapot|{dish} for my {kin}~food|books for a friend~books|a warm blanket~a blanket|"
        "toys for my {kinboy}~toys|old photos~old photos|a wedding dress for my cousin~a wedding dress|seeds for a "
        "garden~seeds|a clay vase~a vase|homemade biscuits for my grandson~biscuits|a sleeping bag~a sleeping bag|spare parts "
        "for a radio~spare parts|candles and soap~candles and soap||a violin~a violin",
    "$ to {city}|{country}",
    "$ kg {#2-9} kilos",
    "$ slow,fast {#6-14}~{#18-40}",
    "$ days {#3-6} days",
    "$ weeks {#2-4} weeks|ten days",
    "$ nr {#1200-9800*100}",
    "$ by {day}",
    "$ stuck {city}",
    "$ close {evening}",
    "! fast|slow|lost|pickup",
    "! 45 glass",
    "& 35 formal B",
    "[fast,slow]A: (I'd like to send {what} to {to}.|How much is {what} to {to}?|This is for {to}. It's {what}.|I want to "
        "post {what} to {to}.) >> {A} wants to send {what} to {to}.",
    "[fast,slow]B: (Put it here, please. What's in it?|Let me weigh it. What have you got in there?|What's in it?|Is there "
        "anything dangerous in it?)",
    "[fast,slow]A: (It's {inI}.|Just {inI}.|Only {inI}.) >> There is {inS} in it.",
    "[fast,slow]B: (It's {kg}. |That's {kg}. |It weighs {kg}. )(You can send it fast for {fast} {cur}, or the normal way "
        "for {slow} {cur}.|The normal way costs {slow} {cur}, and by express it's {fast} {cur}.|It's {slow} {cur}, or {fast} "
        "{cur} by express.) >> It costs {slow} {cur}, or {fast} {cur} by express.",
    "[fast,slow]& 20 confirm A kg",
    "[fast,slow]A: (How long does it take?|And when will it be there?|How long does it take the normal way?|It must be "
        "there by {by}. Is that possible?)",
    "[fast,slow]B: (Normally {days}, by express one day.|It takes {days}, and by express it's there tomorrow.|{days}. "
        "Express is much faster, of course.) >> Normally it takes {days}.",
    "[fast]A: (Then by express, please.|It's urgent, so I'll take the fast way.|I'll take express, even if it's expensive.|"
        "It has to be quick. Express, please.) >> {A} takes the express.",
    "[slow]A: (There's no hurry. The normal way, please.|I'll take the cheaper one.|{fast} {cur} is too much. The normal "
        "way, please.|That's early enough. {slow} {cur}, then.) >> {A} takes the normal way.",
    "[glass&fast,glass&slow]B: (Can it break? Then I'll put a sticker on it.|Shall I put a sticker on it? Then they'll be "
        "careful.|Is it well packed? I could put a sticker on it.)",
    "[glass&fast,glass&slow]A: (Yes, please.|That would be good, thank you.|Yes, my {kin} packed it, and you never know.)",
    "[fast,slow]B: (Please fill in this paper.|Write your address here, please.|Here's your receipt. You can follow it on "
        "the internet.|Fine. Do you need any stamps?)",
    "[lost]A: (I've been waiting for {what} from {to}.|My {kin} sent me {what} from {to}, but it never came.|{what} from "
        "{to} should have been here long ago.) (It was sent {weeks} ago.|She sent it {weeks} ago.|It's been on its way for "
        "{weeks}.) >> {A} is waiting for {what} from {to}.",
    "[lost]B: (Do you have the number?|Do you know the number of it?|I need the number.)",
    "[lost]A: (Yes, it's {nr~}.|Here: {nr}.|{nr}.|My {kin} told me the number: {nr}.) >> The number is {nr}.",
    "& 30 remark A",
    "& 35 pause B",
    "[lost]B: (It's been in {stuck} since last week.|The computer says it's still in {stuck}.|It seems that it was sent to "
        "{stuck} by mistake.) (It should be here by {by}.|You should have it by {by}.|I think it'll come by {by}.) >> It "
        "should arrive by {by}.",
    "[lost]A: (At last I know something.|And if it doesn't come?|That takes far too long.|I hope nothing is broken.)",
    "[lost]B: (Then come again, and we'll look for it.|You can also fill in a complaint.|I'm sorry. I can't do more at the "
        "moment.)",
    "[pickup]A: (I found this note at my door. I'd like to pick up {what}.|You have {what} for me. Here's the note.|The "
        "postman left this note. I want to collect {what}.) >> {A} wants to pick up {what}.",
    "[pickup]B: (Can I see your passport?|Do you have your passport with you?|I need to see some papers with your name.)",
    "[pickup&glass]A: (Oh, I left it at home.|I'm sorry, I only have a library card.|No, but my name is on the note.) >> "
        "{A} has no passport with {Ahim}.",
    "[pickup&glass]B: (Then I can't give it to you.|I'm sorry, those are the rules.|Without it I'm not allowed to give it "
        "to you.) (Come back with it. We close at {close}.|We're open until {close}.|You can come again until {close}.) >> {B} "
        "does not hand it over.",
    "[pickup&glass]A: (Then I'll run home.|But I live so far away!|All right, I'll be back.|How annoying. I'll come "
        "tomorrow.)",
    "[pickup&!glass]A: (Yes, here it is.|Of course.|Here you are.)",
    "[pickup&!glass]B: (Thank you. Here's your parcel. It's from {to}.|Fine. It's from {to}. Sign here, please.|Here it "
        "is, from {to}. Be careful, it's heavy.) >> {B} hands it over.",
    "[pickup&!glass]A: (Oh, that must be from my {kin}.|At last! I've been waiting for it.|From {to}? I wonder what it is.)",
    "& 35 thanks A",
    "= want [fast,slow]{A} (wants to send|would like to send|sends) {what} to {to} | [fast,slow]{A} (asks about the price "
        "for|asks how much it costs to send) {what} to {to} | [fast,slow]{A} is at the post office to send {what} with {inS} "
        "to {to} | [lost]{A} (is waiting for|misses|has not received) {what} from {to}, which was sent {weeks} ago | [lost]{A} "
        "asks about {what} from {to} that has not arrived | [pickup]{A} (wants to pick up|wants to collect|comes to the post "
        "office to pick up) {what}",
    "= end [fast]{A} (takes|chooses|pays for) express for {fast} {cur} because it is (faster|quicker) | [fast]{A} (decides "
        "on|prefers) the fast way for {fast} {cur} | [slow]{A} (takes|chooses) the normal way for {slow} {cur}(|, which takes "
        "{days}) | [slow]as there is no hurry, {A} pays only {slow} {cur} | [lost]it is still in {stuck} and should (arrive|be "
        "there) by {by} | [lost]{B} finds out that it is in {stuck} and should come by {by} | [pickup&glass]{B} does not (hand "
        "it over|give it to {Ahim}), because {A} has no passport | [pickup&glass]without a passport, {Ahe} does not get it and "
        "must come again before {close} | [pickup&!glass]{B} (hands it over|gives it to {Ahim}) after seeing {Ahis} passport | "
        "[pickup&!glass]{A} shows {Ahis} passport and gets it",
    "S {want}. {end}.",
    "S {want}, and {end}.",
    "[fast,slow]S {want}. It costs {slow} {cur}, or {fast} {cur} by express. {end}.",
    "S {want}. (At the post office, |){end}.",
    "[fast,slow]Q What does {A} want to send? => {what}",
    "[fast,slow]Q Where does {A} send it?|Where is it going? => to {to}",
    "[fast,slow]Q What is in it? => {inS}",
    "[fast,slow]Q How heavy is it?|How much does it weigh? => {kg}",
    "[fast,slow]Q How much does {A} pay?|What does {A} have to pay? => ([fast]{fast} {cur}|[slow]{slow} {cur})",
    "[lost]Q What is the number? => {nr}",
    "[lost]Q Where is it now? => in {stuck}",
    "[lost]Q When should it arrive? => by {by}",
    "[pickup]Q Does {A} get it? => ([glass]no|[!glass]yes)",
    "[pickup&glass]Q What has {A} forgotten? => {A's} passport",
    "[pickup]Q What does {A} want to pick up? => {what}",
    "Q How does it end?|What is the result? => {end}",
    "Q Where are they? => (at|in) the post office",
    "# a broken phone|a phone repair|asking for help with a phone",
    "@ ff",
    "$ fault,faultS the screen stays black~the screen stays black|the screen is cracked~the screen is cracked|it doesn't "
        "charge any more~it does not charge any more|it turns itself off all the time~it keeps turning itself off|I can't hear "
        "anybody when they call~{Ahe} cannot hear callers|it gets terribly hot~it gets very hot|the camera only shows a grey "
        "picture~the camera does not work|the sound crackles~the sound crackles|it freezes every few minutes~it freezes again "
        "and again|the battery swells up~the battery swells up|the light blinks and nothing else happens~the light only blinks|"
        "|the buttons don't react any more~the buttons do not react",
    "$ how,howS I dropped it in the sink~fell into the sink|it fell down the stairs~fell down the stairs|my little "
        "{kinboy} played with it~was a toy for a child|I left it in the sun~lay in the sun|I sat on it~was sat on|it fell out "
        "of my pocket on the bus~fell out of a pocket|it slipped out of my hand at the aquarium~slipped out of a hand|I ran "
        "over it with my wheelchair~was run over|my toddler threw it out of the window~was thrown out of the window|a seagull "
        "knocked it off the table~was knocked off a table||I forgot it in my jeans, and they were washed~was in the washing "
        "machine",
    "$ shop the shop in {street}|the little shop at the station|the shop next to the bank|the repair shop in {street}",
    "$ price {#25-90*5}",
    "$ old {#2-6}",
    "! helps|shop|new|lend",
    "! 60 how",
    "& 70 hello A",
    "A: (I need your help{,B}. |You know about phones, don't you? |What a day! |I'm so annoyed. |)(Something is wrong with "
        "my phone|My phone is broken|My phone has gone mad|I have a problem with my phone): {fault}. >> {A's} phone is broken.",
    "B: (Oh no. |That's bad luck. |Not again! |Let me see. |)(When did that start?|What happened?|How did that happen?|"
        "What did you do to it?|Since when?)",
    "[how]A: (It's my own fault. |Don't laugh. |Well, |I know, I know. |){how}(| yesterday| this morning| on {weekday}).",
    "[!how]A: (I have no idea. |Nothing! |That's what I'd like to know. |)(It was fine yesterday|It just happened this "
        "morning|It worked until last night|I was only reading the news).",
    "[how]B: (Oh dear.|That explains it.|That can happen to anyone.|You should be more careful.)",
    "[!how]B: (Strange.|Hmm.|That happens with this model.|Funny.)",
    "& 35 aside A",
    "[helps]B: (Have you tried turning it off and on again|Did you take the battery out|Have you tried another cable|Did "
        "you press both buttons for ten seconds)?",
    "[helps]A: (No, not yet.|Does that really help?|I wouldn't know how.|I was afraid to break something.)",
    "[helps]B: (Give it to me. |Let me try. |Wait a moment. |)(There, |Look, |You see, )(it works again|it's fine again|"
        "now it's working). >> {B} gets the phone to work.",
    "[helps]A: (You're a genius!|That's amazing. Thank you!|I can't believe it was so easy.|You saved my day!)",
    "[shop]B: (I can't do much about that|That's too difficult for me|I don't dare to open it). (Take it to|I'd take it to|"
        "You should try|I'd go to) {shop}. (They repaired mine for {price} {cur}|It costs about {price} {cur} there|They'll do "
        "it for about {price} {cur}). >> {B} tells {A} to go to {shop}.",
    "[shop]A: (Only {price} {cur}? That's fine.|That's quite a lot, but I need it.|Are they open on {day}s?|Good idea. "
        "I'll go there (today|tomorrow|after work).)",
    "[shop]B: (They're good, really.|Say hello from me.|Don't forget to save your pictures first.|I think they're open "
        "until six.)",
    "[new]B: (How old is it?|How long have you had it?|When did you buy it?)",
    "[new]A: (About {old} years.|I bought it {old} years ago.|It must be {old} years now.) >> {A's} phone is {old} years "
        "old.",
    "[new]B: (Then a repair makes no sense. Buy a new one.|For such an old phone I wouldn't pay anything any more. You "
        "need a new one.|Honestly, it's time for a new one.) >> {B} thinks that {A} should buy a new phone.",
    "[new]A: (I was afraid you'd say that.|But I like it! Well, I suppose you're right.|A new one? I can't afford that "
        "before {month}.|You're right. I'll look for one at the weekend.)",
    "[lend]B: (I still have my old phone in a drawer. Do you want it for a while?|You can have my old one until yours is "
        "repaired.|I could lend you my old phone for some time.) >> {B} offers to lend {A} an old phone.",
    "[lend]A: (Really? That would be great.|Are you sure? That's so kind of you.|You would do that? Thanks!|That would "
        "help me a lot.) (When can I get it?|Can I pick it up?|Shall I come and get it?)",
    "[lend]B: (Come over at {time}.|I'll bring it to you at {time}.|I'll be at home from {time} on.|Let's meet at {time}, "
        "then I'll have it with me.) >> {A} can have it at {time}.",
    "& 50 bye A",
    "= prob {A's} phone (is broken|does not work|is out of order) because {faultS} | {A} has a problem with {Ahis} phone, "
        "because {faultS} | {A} (tells {B}|complains to {B}|says) that {Ahis} phone is broken and {faultS}",
    "= prob [how]{A's} phone {howS} and now {faultS} | [how]since {A's} phone {howS}, {faultS} | [how]{faultS} since {A's} "
        "phone {howS}",
    "= end [helps]{B} (gets it to work again|repairs it in a moment|makes it work again) | [helps]{B} (knows what to do "
        "and|tries something and) it works again | [shop]{B} (advises|tells) {Ahim} to go to {shop}, (where it costs|which "
        "asks) about {price} {cur} | [shop]{B} recommends {shop}, where a repair (costs|is) about {price} {cur} | [new]{B} "
        "thinks that a new phone is better because this one is {old} years old | [new]as it is {old} years old, {B} advises "
        "{Ahim} to buy a new one | [lend]{B} (lends {Ahim}|offers {Ahim}) an old phone(|, which {Ahe} can have at {time}) | "
        "[lend]until it is repaired, {A} can use an old phone of {B's}",
    "S {prob}. {end}.",
    "S {prob}, and {end}.",
    "S {A} (asks {B} for help|needs {B's} help) with a broken phone. {end}.",
    "[how]S {A's} phone is broken: it {howS}. {end}.",
    "Q What is wrong with {A's} phone?|What does the phone do?|What problem does {A} have? => {faultS}",
    "[how]Q What happened to {A's} phone?|How did the phone break? => it {howS}",
    "[shop]Q Where should {A} go?|Which shop does {B} recommend? => {shop}",
    "[shop]Q How much does the repair cost?|How much did {B} pay? => about {price} {cur}",
    "[new]Q How old is the phone?|How old is {A's} phone? => {old} years",
    "[lend]Q When can {A} have the old phone?|At what time do they meet? => at {time}",
    "Q Who has a problem?|Whose phone is broken?|Who asks for help? => {A}",
    "Q Who helps?|Who gives advice? => {B}",
    "Q What does {B} advise or do?|How does {B} help?|What does {B} do? => {end}",
    "Q Does the phone work again in the end? => ([helps]yes|[!helps]no)",
    "# watering the plants|a favour for a neighbour|help during the holidays",
    "@ ff",
    "* third",
    "$ days ten days|two weeks|{#4-6} days|three weeks||a whole month",
    "$ where {country}|{city}|{country}|{city}||the mountains",
    "$ leave on {day}|on {day}|tomorrow|next week",
    "$ what the plants|the cat|the fish|the tomatoes|the birds|the balcony flowers|the goldfish|the orchids|the "
        "strawberries|the turtles|the herbs on the windowsill|the aquarium|the hens||the rabbits",
    "$ often every day|every second day|twice a week|every morning||every evening",
    "$ key under the mat|in the blue pot|in the letter box|under a big stone|at the bakery|behind the drainpipe|in the "
        "watering can|under the doormat|in the bird house|with the caretaker||in the shed",
    "$ gift a bottle of wine|something sweet|a good cheese|a nice present||a carpet",
    "$ noI,noS I'm away too~{Bhe} is away too|I'm starting a new job~{Bhe} is starting a new job|I have a broken arm~{Bhe} "
        "has a broken arm|I'm no good at such things~{Bhe} is not good at it||I'm allergic to almost everything~{Bhe} is "
        "allergic",
    "$ until {day}",
    "$ month {month}",
    "! yes|no|part|trade",
    "! 50 present",
    "& 65 hello A",
    "A: (I'm going to {where} for {days}.|We're flying to {where} for {days}.|I'll be in {where} for {days}.|Just think, "
        "I'm off to {where} for {days}!) (I leave {leave~}.|We leave {leave}.|I'm leaving {leave}.) >> {A} is going to {where} "
        "for {days}.",
    "B: (How wonderful!|I envy you.|You deserve it.|Lucky you!|Is it for work or for fun?) (Who looks after your things?|"
        "Is everything ready?|Can I do anything for you?|)",
    "& 35 aside B",
    "A: (That's what I wanted to ask you. |There's only one problem. |Well, I need some help. )(Could you look after "
        "{what}?|Would you take care of {what}?|Somebody has to see to {what}. Could you do that?) >> {A} asks {B} to look "
        "after {what}.",
    "[yes]B: (Of course. |Sure, I'd be glad to. |No problem at all. |Yes, I'm at home anyway. )(How often?|How often do I "
        "have to come?|What do I have to do?) >> {B} will look after {what}.",
    "[yes]A: ({often} is enough.|It should be {often}.|{often}, if you can.) (The key is {key}.|I'll leave the key {key}.|"
        "You'll find the key {key}.) >> The key is {key}.",
    "[yes]& 25 confirm B key",
    "[yes]B: (I'll manage that.|And if something happens?|I'll write it on a note.|Don't worry, just enjoy your holiday.)",
    "[yes&present]A: (I'll bring you {gift}.|You'll get {gift} from {where}.|Thank you. I'll bring you {gift} from there.) "
        ">> {A} will bring {B} {gift}.",
    "[yes&!present]A: (You can call me at any time.|Take as many tomatoes as you like.|You're a real friend.)",
    "[part]B: (The first week is fine, but then I'm away.|I can do it until {until}, but not longer.|Only until {until}. "
        "After that I'm not here.) >> {B} can only do it for a part of the time.",
    "[part]A: (Oh. Who could do the rest?|Then I need one more person.|And after that?|Hmm. Do you know anybody for the "
        "rest?)",
    "[part]B: ({third} could take over.|I'll ask {third} to do the rest.|What about {third}? {thirdhe} lives next door.|"
        "{third} will do it, I'm sure.) >> {third} could do the rest.",
    "[part]A: (Perfect, so you share it.|Good idea. I'll ask {thirdhim} tonight.|If {third} agrees, everything is fine.|"
        "Then I'll give {thirdhim} a key, too.)",
    "[no]B: (I'm so sorry, but {noI}.|I can't, {noI}.|That won't work. {noI}.|Normally I would, but {noI}.) >> {B} cannot "
        "help because {noS}.",
    "[no]A: (What a pity.|Then I'll have to look for somebody else.|I see. I didn't know that.|Never mind.)",
    "[no]B: (What about {third}?|Have you asked {third}? {thirdhe} loves {what}.|I'm sure that {third} would help.|{third} "
        "has a lot of time at the moment.) >> {B} suggests {third}.",
    "[no]A: (I'll try {thirdhim}.|Yes, I'll ring at {thirdhis} door.|Good, I like {thirdhim}.|Thanks for the tip.)",
    "[trade]B: (I'll do it, but then you must help me in {month}.|Gladly. Could you do the same for me in {month}?|Yes, if "
        "you do the same for me in {month}.) >> {B} wants the same help in {month}.",
    "[trade]A: (Of course I will.|In {month}? I'll be here. Agreed.|That's only fair.|Sure, that's what neighbours are "
        "for.) >> {A} agrees to that.",
    "[trade]B: (Then give me the key.|Good. Where do I find the key?|All right, and the key?)",
    "[trade]A: (It's {key}.|I'll leave it {key}.|You'll find it {key}.) >> The key is {key}.",
    "& 30 bye A",
    "= ask {A} is going (away|to {where}) for {days} and asks {B} to (look after|take care of) {what} | {A} will be in "
        "{where} for {days} and (needs somebody|is looking for somebody) to look after {what} | {A} asks {B} to (look after|"
        "see to) {what} while {Ahe} is in {where}",
    "= end [yes]{B} (agrees|will do it) and will find the key {key} | [yes]{B} agrees to come {often} | [yes]{B} (agrees|"
        "says yes), and {A} (tells {Bhim}|explains) that the key is {key} | [yes&present]{B} agrees, and {A} will bring {Bhim} "
        "{gift} | [part]{B} can only do a part of it, so {third} (will be asked|could do|may do) the rest | [part]{B} has time "
        "until {until}, and {third} could take over after that | [no]{B} cannot do it because {noS} and suggests {third} | "
        "[no]as {noS}, {B} (cannot help|says no) and thinks of {third} | [trade]{B} agrees if {A} does the same for {Bhim} in "
        "{month} | [trade]they agree, and in return {A} will help {B} in {month}",
    "S {ask}. {end}.",
    "S {ask}, ([no]but|[!no]and) {end}.",
    "S {ask}. {A} leaves {leave}. {end}.",
    "Q Where is {A} going? => to {where}",
    "Q For how long will {A} be away?|How long does the trip take? => for {days}",
    "Q When does {A} leave? => {leave}",
    "Q What should {B} look after?|What does {A} ask {B} to look after? => {what}",
    "[yes,trade]Q Where is the key?|Where will {B} find the key? => {key}",
    "[yes]Q How often should {B} come? => {often}",
    "[part,no]Q Who else could help?|Which other name is mentioned? => {third}",
    "[no]Q Why can {B} not help? => because {noS}",
    "[trade]Q When does {B} want the same help? => in {month}",
    "[yes&present]Q What will {A} bring {B}? => {gift}",
    "Q Does {B} help? => ([yes,trade]yes|[no]no|[part]for a part of the time)",
    "Q How does it end?|What do they agree on? => {end}",
    "# a school project|homework for school|a talk in class",
    "@ ff",
    "$ subj {subject}",
    "$ theme bees|the moon|old bridges|volcanoes|the history of bread|rainforests|the first trains|sleep|deserts|camels|"
        "pirates|earthquakes|the Vikings|penguins|windmills|mushrooms|robots|the silk trade||whales|coffee|lighthouses",
    "$ theme2 wolves|clouds|the city wall|money|street art|recycling|dreams|bicycles|submarines|spices|chess|fossils|"
        "dolphins|deserts of ice|chocolate|satellites||glaciers|kites",
    "$ due {weekday}|the {#10-20}th||the {#24-29}th",
    "$ teach Mr {surname}|Mrs {surname}",
    "$ meet {weekday} at {time}|{day} afternoon|{day} at {time}",
    "$ place the library|the school canteen|the computer room|the youth club||the reading room",
    "$ part1 the pictures|the introduction|the map|the interview|the last part|the slides|the opening|the survey|the "
        "diagrams|the recording",
    "$ part2 the text|the poster|the experiment|the list of books|the first part|the timeline|the glossary|the model of "
        "clay|the quiz at the end|the conclusion||the model",
    "$ whyI,whyS I was ill~{Bhe} was ill|my computer broke~{Bhis} computer broke|I had to look after my little "
        "{kinboy}~{Bhe} had to look after a child|I had a match every evening~{Bhe} had a match every evening|I couldn't find "
        "any books~{Bhe} could not find any books||I lost my notes on the bus~{Bhe} lost {Bhis} notes on the bus",
    "* third",
    "! split|switch|late|third",
    "! 50 worry",
    "& 55 hello A",
    "[!late]A: (Have you started with the {subj} project?|We have to do this project for {subj}.|Do you want to work with "
        "me on the {subj} project?|What shall we do for our {subj} project?) (We could talk about {theme}.|I'd like to do "
        "something about {theme}.|How about {theme}?|I've read a lot about {theme}.) >> {A} suggests {theme} for the {subj} "
        "project.",
    "[late]A: (Is your part of the {subj} project ready?|How far are you with your part of the {subj} project?|Can I see "
        "your part for {subj}?|Tomorrow I want to put everything together for {subj}. Where is your part?) >> {A} asks about "
        "the {subj} project.",
    "[split,third]B: ({theme} is great.|I like that.|Yes, that's interesting.|Good idea. Nobody else has chosen that.) "
        "(When do we have to hand it in?|By when does it have to be ready?|When is it due?)",
    "[switch]B: (Not {theme} again. Everybody does that.|{theme}? That's boring.|I don't know anything about {theme}.|"
        "{teach} doesn't like such themes.) (What about {theme2}?|I'd rather take {theme2}.|How about {theme2} instead?) >> "
        "{B} would rather talk about {theme2}.",
    "[switch]A: (OK, {theme2} sounds better.|{theme2}? That's original. Yes!|Why not? I've always liked {theme2}.|Fine, if "
        "you find enough books.) (And when is it due?|When do we have to hand it in?|By when must it be ready?)",
    "[split,third]A: ({teach} wants it by {due~}.|By {due}. {teach} is very strict about that.|It's due on {due}.|On "
        "{due}, I think.) >> The project is due on {due}.",
    "[switch]B: (By {due}, {teach} said.|It's due on {due}.|On {due}.|We have until {due}.) >> The project is due on {due}.",
    "[!late]& 20 confirm B due",
    "[!late]& 35 aside A",
    "[worry&!late]A: (I'm nervous about the talk.|I hate speaking in front of the class.|I'm afraid I'll forget "
        "everything.)",
    "[worry&!late]B: (We'll practise together.|Everybody is nervous. You'll be fine.|Then I'll do the talking, and you "
        "show the slides.)",
    "[split]B: (I could do {part1}.|I'd like to do {part1}.|Let me do {part1}.|If you don't mind, I'll take {part1}.) >> "
        "{B} will do {part1}.",
    "[split]A: (Good, then I'll do {part2}.|Fine, and I'll take {part2}.|I'm better at {part2} anyway.|And {part2} is for "
        "me.) >> {A} will do {part2}.",
    "[split,switch]B: (Can we meet in {place} on {meet}?|Shall we meet on {meet} in {place}?|Let's meet in {place} on "
        "{meet}.|We should meet on {meet}, in {place}.) >> They will meet in {place} on {meet}.",
    "[split,switch]A: (Sure, I'll be there.|OK. I'll bring my computer.|Yes, that's quiet enough.|All right, and I'll "
        "bring biscuits.)",
    "[third]A: (There's one more thing. |By the way, |But )({third} has nobody to work with. Can we take {thirdhim}?|"
        "{third} asked me if {thirdhe} could join us.|{teach} wants us to take {third} into our group.) >> {A} asks whether "
        "{third} may join them.",
    "[third]B: (Hmm, {thirdhe} never does anything.|Of course, {thirdhe} is good at drawing.|The more people, the less "
        "work. Yes!|I don't mind, if {thirdhe} works too.)",
    "[third]A: (I'll talk to {thirdhim}. {thirdhe} can do {part1}.|{thirdhe} could do {part1}.|Good. Then {thirdhe} gets "
        "{part1}.) >> {third} will do {part1}.",
    "[third]B: (And we two do the rest.|OK, that's fair.|Good, then I can start with {part2} today.)",
    "[late]B: (I'm sorry, I haven't done it yet. {whyI}.|Not yet. {whyI}.|Don't be angry. {whyI}, so it isn't ready.|I "
        "know, I'm late. {whyI}.) >> {B} has not done it because {whyS}.",
    "[late]A: (But it's due on {due}!|{teach} wants it by {due}!|We have to hand it in on {due}!|Have you forgotten that "
        "it's due on {due}?) >> The project is due on {due}.",
    "[late]B: (I'll do it tonight, I promise.|Give me one more day, please.|I'll work on it all weekend.|You'll have it "
        "tomorrow morning.) >> {B} promises to do it soon.",
    "[late]A: (All right, but it's the last time.|I'd rather do {part1} myself, then.|If you like, I can help you with "
        "{part1}.|I hope so. I don't want a bad mark because of you.)",
    "[late]B: (Thank you.|You won't be sorry.|That's nice of you. I won't let you down.|I understand.)",
    "& 35 bye A",
    "= work [!late]{A} and {B} (talk about|plan|discuss) a project for {subj} | [!late]{A} (suggests|proposes) {theme} for "
        "a project in {subj} | [late]{A} asks {B} about {Bhis} part of the {subj} project",
    "= when it is due on {due} | [!late]{teach} wants it by {due}",
    "= end [split]{B} (will do|does|takes) {part1}, and {A} (will do|does|takes) {part2} | [split]they (share|divide) the "
        "work and will meet in {place} on {meet} | [switch]{B} (prefers|would rather take) {theme2}, and {A} agrees | "
        "[switch]they choose {theme2} (instead|in the end) and will meet in {place} | [third]they let {third} join them, and "
        "{thirdhe} will do {part1} | [third]{third} (joins|may join) them and will do {part1} | [late]{B} has not done it "
        "because {whyS} but promises to (finish it soon|hurry) | [late]because {whyS}, it is not ready, but {B} promises to do "
        "it soon",
    "S {work}. {when}. {end}.",
    "S {work}. {end}.",
    "S {work}. {end}. {when}.",
    "Q Which subject is the project for?|For which lesson is the project? => {subj}",
    "[!late]Q What theme does {A} suggest? => {theme}",
    "[switch]Q Which theme do they choose in the end? => {theme2}",
    "Q When is the project due?|By when must it be ready? => on {due}",
    "Q Who is the teacher?|What is the name of the teacher? => {teach}",
    "[split,switch]Q Where do they meet?|Where will they work? => in {place}",
    "[split]Q What will {B} do?|Which part does {B} take? => {part1}",
    "[split]Q What will {A} do? => {part2}",
    "[third]Q Who wants to join them? => {third}",
    "[late]Q Why has {B} not done it? => because {whyS}",
    "[late]Q Is {B's} part ready? => no",
    "Q How does it end?|What do they agree on? => {end}",
    "# returning clothes|taking a purchase back|a refund in a shop",
    "@ sn",
    "$ item {top}",
    "$ when yesterday|last {weekday}|two days ago|a week ago|last weekend|ten days ago||three weeks ago",
    "$ fault,bad the zip is stuck~its zip is stuck|it's far too tight across the shoulders~it is too tight|there's a hole "
        "in the left sleeve~it has a hole in the sleeve|it lost its colour the first time I washed it~it lost its colour in "
        "the wash|two buttons came off the first time I wore it~two buttons came off|it makes me itch all over~it makes {Ahim} "
        "itch|the stitching is coming apart~the stitching is coming apart|the collar scratches terribly~its collar scratches|"
        "one sleeve is longer than the other~one sleeve is longer than the other|it shrank in the first wash~it shrank in the "
        "wash|the pocket is torn~its pocket is torn|it smells of chemicals~it smells of chemicals|the pattern is crooked~its "
        "pattern is crooked||the lining is torn~its lining is torn",
    "$ newcolour {colour}",
    "$ price {#25-95*5}",
    "! refund|exchange|refuse|voucher",
    "! 45 slip",
    "& 50 formal B",
    "A: (Excuse me, |Hello, |)I('d like to| want to) (return|bring back) this {item}. | I bought this {item} here {when}, "
        "and (I'm not happy with it|I'm afraid I have to bring it back). | Could I (return|give back) a {item} that I bought "
        "{when}? | I'm afraid there's (a problem|something wrong) with this {item}. I got it here {when}. >> {A} wants to "
        "return {a item}.",
    "B: (Oh, I'm sorry. |Oh dear. |)(What's wrong with it?|May I ask why?|What seems to be the problem?|Didn't it fit?|Is "
        "it damaged?)",
    "A: (Well, |You see, |Look, |){fault}. (|I noticed it as soon as I got home.|I only wore it once.|That shouldn't "
        "happen, should it?|I really can't wear it like this.) >> {A} says that {bad}.",
    "& 30 remark A",
    "& 35 pause B",
    "[slip]B: (Do you have the receipt?|Have you got the receipt with you?|May I see the receipt, please?|I'll need the "
        "receipt.)",
    "[slip&!refuse]A: (Yes, here it is.|Of course. Here you are.|I think so. Yes, it's still in the bag.|Let me look in my "
        "purse. Ah, there it is.)",
    "[slip&refuse]A: (No, I'm afraid I threw it away.|I can't find it anywhere.|Sorry, I must have lost it.|No, I don't "
        "keep such things.) >> {A} has no receipt.",
    "[refund]B: (That's fine. |Good. |No problem. |)(I'll give you your money back|You'll get the full {price} {cur} back|"
        "We can refund you|You can have a refund)(.|, of course.) Did you pay by card or in cash? >> {B} gives {A} the money "
        "back.",
    "[refund]A: (By card.|In cash.|I paid by card, I think.) (|That's very kind.|Great, thank you.)",
    "[refund]B: (Then |All right, )(here are|that makes|I'm giving you back) {price} {cur}. (Please sign here.|Sorry for "
        "the trouble.|) >> {A} gets {price} {cur} back.",
    "[exchange]B: (Would you like to exchange it for a new one?|I can give you another one.|We can change it for you.|How "
        "about a different one?) (We still have it in {colour}.|There's the same model in {colour}.|)",
    "[exchange]A: (Do you have it in {newcolour}?|Is there one in {newcolour}?|Could I have {a newcolour} one instead?)",
    "[exchange]B: (Yes, we do.|Certainly.|Let me see. Yes, this is the last one.|You're lucky, there is one left.)",
    "[exchange]A: (Perfect, I'll take that one.|Good. Then I'll have the {newcolour} one.|Lovely, let's do that.|That one "
        "is even nicer. I'll take it.) >> {A} takes {a newcolour} one instead.",
    "[refuse&slip]B: (I'm sorry, but without a receipt I can't take it back.|Without the receipt there's nothing I can do, "
        "I'm afraid.|Then I can't help you. Our rules are strict about receipts.) >> {B} does not take the {item} back.",
    "[refuse&!slip]B: (I'm sorry, but this was in the sale, and we don't take back sale items.|I'm afraid sale items can't "
        "be returned.|This was reduced, and reduced things can't come back. It says so on the sign.) >> {B} does not take the "
        "{item} back.",
    "[refuse]A: (That's not fair. {price} {cur} is a lot of money.|But I paid {price} {cur} for it!|Is there really no "
        "other way?|Then I'd like to talk to the manager.)",
    "[refuse]B: (I'm sorry, but I can't change the rules.|I understand, but my hands are tied.|The manager will tell you "
        "the same, I'm afraid.|I really am sorry.)",
    "[voucher]B: (We can't give you cash, but I can offer you a voucher|I'm not allowed to pay it out, but you can have a "
        "voucher|All I can give you is a voucher) for {price} {cur}. (|It's good for a year.|You can use it in all our shops.) "
        ">> {B} offers a voucher for {price} {cur}.",
    "[voucher]A: (Well, better than nothing.|Hmm, I'd rather have the money. But all right.|OK, I come here often anyway.|"
        "I suppose that's fair.) >> {A} accepts the voucher.",
    "& 55 thanks A",
    "= want {A} (wants to return|brings back|would like to give back|wants to take back) {a item} (bought {when}|that "
        "{Ahe} bought {when}|)",
    "= want {A} (goes back to a shop with|complains about) {a item} {Ahe} bought {when}",
    "= end [refund]{B} (gives {A} {price} {cur} back|refunds {price} {cur}|pays the {price} {cur} back|agrees to a refund "
        "of {price} {cur})",
    "= end [exchange]{B} (changes it for {a newcolour} one|gives {A} {a newcolour} one instead) | [exchange]{A} (takes {a "
        "newcolour} one instead|gets {a newcolour} one in exchange)",
    "= end [refuse&slip]{B} (refuses|cannot take it back|won't take it) (because {A} has (no|lost the) receipt|without a "
        "receipt)",
    "= end [refuse&!slip]{B} (refuses|won't take it back) because it was (a sale item|sold in the sale|reduced)",
    "= end [voucher]{B} (only offers|can only give {Ahim}) a voucher for {price} {cur}, (which {A} accepts|and {A} agrees)",
    "S {want} because {bad}. {end}.",
    "S {A} (tells|explains to) {B} that {a item} {Ahe} bought {when} is (not good|faulty): {bad}. {end}.",
    "S The {item} that {A} bought {when} has to go back because {bad}. {end}.",
    "S {want}. {A} (explains|says) that {bad}, (and|and so) {end}.",
    "Q What does {A} want to return?|Which thing does {A} bring back?|What did {A} buy? => {a item}",
    "Q When did {A} buy the {item}?|When was the {item} bought? => {when}",
    "Q What is wrong with the {item}?|Why does {A} bring the {item} back?|Why is {A} not happy? => {bad}",
    "Q Does {A} get the money back?|Is there a refund? => ([refund]yes|[!refund]no)",
    "Q [slip]Does {A} have the receipt? => ([refuse]no|[!refuse]yes)",
    "Q How much did the {item} cost?|How much money is it about? => {price} {cur}",
    "Q [exchange]What colour is the new {item}?|Which colour does {A} take? => {newcolour}",
    "Q How does it end?|What does {B} do in the end?|What is the result? => {end}",
    "Q Where are they?|Where does this conversation take place? => in a (clothes |)shop",
    "# booking a table|a restaurant booking|a phone call to a restaurant",
    "@ nn",
    "$ office {cafe}",
    "$ when tonight|tomorrow evening|on {day}|on {day} evening||this {day}",
    "$ time {evening}",
    "$ later {evening}",
    "$ people {crowd}|{small}",
    "$ name {surname}",
    "$ wish a table by the window|a table in a quiet corner|a table outside|a high chair for a baby|a table near the door|"
        "a round table|a table on the terrace|a table without a tablecloth|two candles on the table|a place for a wheelchair|a "
        "table away from the kitchen|a birthday cake with candles|a ramp for a pram||a table by the fire",
    "$ nofood nuts|fish|milk|eggs|meat|shellfish|gluten|peanuts|garlic|soy|cheese||mushrooms",
    "$ phone {#400-899} {#1000-9999*7}",
    "$ rival {cafe}",
    "! ok|later|full|call",
    "! 45 wish",
    "! 35 food",
    "B: (Good evening|Hello|Good afternoon|Good morning), (this is |){office}(. How can I help you?|. What can I do for "
        "you?|.)",
    "A: (Hello, |Good evening, |Hi, )(I'd like to book a table|I'd like to reserve a table|I need a table|please book a "
        "table) for {people} {when} at {time~}(, please.|.) >> {A} wants a table for {people} {when}.",
    "& 20 confirm B time",
    "B: (One moment, please.|Let me look.|I'll see what we have.|For {people}? Just a second.)",
    "[ok]B: (Yes, that's possible.|Yes, we have one left.|That's no problem.|You're lucky, we still have a table.) (What "
        "name is it?|And your name, please?|On what name?) >> {B} has a table at that time.",
    "[ok]A: ({name}.|It's {name}.|My name is {name}.|On the name of {name}.) >> The table is booked on the name of {name}.",
    "[later]B: (I'm sorry, at {time} everything is taken.|We are full at that time, I'm afraid.|At {time} there's nothing "
        "left.) (Could you come at {later}?|But I have a table at {later}.|Would {later} be all right, too?) >> {B} only has a "
        "table at {later}.",
    "[later]A: (Well, all right.|Yes, that's fine.|It's not ideal, but we'll take it.|Let me ask. Yes, that works for us.) "
        "(The name is {name}.|My name is {name}.|Please write down {name}.) >> {A} takes the table at {later}.",
    "[full]B: (I'm sorry, we have nothing left {when}.|I'm afraid we are full {when}.|There's a wedding here {when}, so we "
        "have no tables.) >> {B} has no table left.",
    "[full]A: (Not even a small one?|Oh, what a pity.|Not even later?|And if we come earlier?)",
    "[full]B: (I'm sorry. You could try {rival}.|No, but {rival} may have something.|Unfortunately not. Have you tried "
        "{rival}?) >> {B} suggests {rival}.",
    "[full]A: (Good idea. Thank you anyway.|I'll call them. Thanks.|All right. Maybe next time.|I've never been there. Is "
        "it good?)",
    "[call]B: (We're full at the moment, but somebody may cancel.|I have nothing now, but I can put you on the list.|Not "
        "yet. But there are always people who don't come.) (Shall I call you?|Can I call you back?|Would you leave your "
        "number?) >> {B} can call {A} if a table becomes free.",
    "[call]A: (Yes, please. It's {phone}.|That would be kind. My number is {phone}.|Sure, you can reach me at {phone}.|All "
        "right: {phone}.) >> {A's} number is {phone}.",
    "[call]B: (I'll write that down. You'll hear from us by six.|Thank you. I'll do my best.|Good. I'll let you know as "
        "soon as I can.)",
    "[ok&wish,later&wish]A: (And could we have {wish}?|One more thing: we'd like {wish}.|If possible, {wish}, please.) >> "
        "{A} asks for {wish}.",
    "[ok&wish,later&wish]B: (I'll see to it.|Of course.|I can't promise it, but I'll try.|That can be done.)",
    "[ok&food,later&food]A: (One of us can't eat {nofood}. Is that a problem?|My {kin} doesn't eat {nofood}.|I should also "
        "say that one guest must not eat {nofood}.) >> One guest cannot eat {nofood}.",
    "[ok&food,later&food]B: (I'll tell the cook.|We have many dishes without it.|That's no problem at all.|Good that you "
        "say so.)",
    "[ok,later]A: (Thank you. See you then.|Great, thanks.|Perfect. Goodbye.|Many thanks.)",
    "= ask {A} (calls {office}|phones {office}|rings {office}) to (book|reserve) a table for {people} {when} | {A} wants "
        "(to book|to reserve) a table for {people} at {office} {when} | {A} would like a table at {office} for {people} {when} "
        "at {time}",
    "= end [ok]{B} (has one|finds one|books it) at {time}(| on the name of {name}) | [ok]{B} (writes it down|takes the "
        "booking) for {time} on the name of {name} | [later]as {time} is not possible, {A} (takes|accepts) {later} | "
        "[later]only {later} is free, (which {A} accepts|and {A} agrees) | [later]they agree on {later} (because everything is "
        "taken at {time}|instead of {time}) | [full]everything is taken, (so|and) {B} (suggests|recommends) {rival} | "
        "[full]there is no table left, but {B} (mentions|suggests) {rival} | [call]{B} has none at the moment but will call "
        "{A} if somebody cancels | [call]{A} leaves {Ahis} number, as there is no free table yet",
    "= more [wish]{A} (also |)asks for {wish} | [food]one guest (cannot|must not) eat {nofood} | [wish&food]{A} asks for "
        "{wish} and says that one guest cannot eat {nofood}",
    "S {ask}. {end}.",
    "S {ask}. {end}. {more}.",
    "S {ask}, (but |and ){end}.",
    "Q Which restaurant does {A} call?|What is the restaurant called? => {office}",
    "Q For how many people is the table?|How many people will come? => {people}",
    "Q When does {A} want to come?|For when does {A} want a table? => {when}",
    "[ok,later]Q On what name is the table?|What is {A's} name? => {name}",
    "[ok]Q At what time is the table booked? => at {time}",
    "[later]Q At what time can they have a table?|On which time do they agree? => at {later}",
    "[full]Q Which restaurant does {B} suggest? => {rival}",
    "[call]Q What is {A's} phone number? => {phone}",
    "[wish]Q What special wish does {A} have? => {wish}",
    "[food]Q What can one of the guests not eat? => {nofood}",
    "Q Does {A} get a table? => ([ok,later]yes|[full]no|[call]not yet)",
    "Q How does it end?|What is the result of the call? => {end}",
    "# a taxi ride|in a hurry|a ride through the town",
    "@ sn",
    "$ to,whatI,whatS the airport~my plane leaves~{Ahis} plane leaves|the main station~my train leaves~{Ahis} train leaves|"
        "the opera~the concert begins~the concert begins|the town hall~my wedding begins~{Ahis} wedding begins|the "
        "university~my exam begins~{Ahis} exam begins|the {hotelname}~my meeting begins~{Ahis} meeting begins||the "
        "courthouse~my case begins~{Ahis} case begins",
    "$ time {time}",
    "$ jam a demonstration|an accident on the bridge|roadworks in {street}|a marathon|heavy traffic|a parade|a burst water "
        "pipe|a herd of sheep|an overturned lorry|a film crew|black ice|a broken tram||a burst pipe|a state visit",
    "$ way the tunnel|the old harbour|the ring road|the park|the industrial area||the canal road",
    "$ fare {#12-48}",
    "$ tip {#2-5}",
    "$ from {city}",
    "! fast|slow|out|lost",
    "! 45 talk",
    "A: (To {to}, please.|Can you take me to {to}?|I need to go to {to}, and quickly.|Good morning. {to}, please.) >> {A} "
        "wants to go to {to}.",
    "B: (Sure, get in.|Of course. Shall I take your bag?|All right. Please put on your seat belt.|No problem. Are you in a "
        "hurry?|Certainly.)",
    "A: (Please hurry, {whatI} at {time~}.|I'm late, {whatI} at {time}.|{whatI} at {time}. Can we make it?|I have to be "
        "there soon. {whatI} at {time}.) >> {A} is in a hurry, because {whatS} at {time}.",
    "[talk]B: (Where do you come from?|Are you on holiday here?|Is it your first time in our town?)",
    "[talk]A: (I'm from {from}, but I work here.|I come from {from}.|I've come from {from}, to see a friend.) >> {A} comes "
        "from {from}.",
    "& 40 aside A",
    "[fast]B: (There's {jam}, but I know another way, past {way}.|The main street is full because of {jam}. I'll go past "
        "{way}.|Because of {jam}, we'd better go past {way}.) >> {B} takes another way because of {jam}.",
    "[fast]A: (Do what you think is best.|Good that you know the town so well.|Isn't that longer?|Great, if it saves time.)",
    "[fast]B: (Trust me, I've been driving for twenty years.|You'll see, we'll be there in time.|It's longer, but faster.)",
    "[fast]B: (There we are, in time. That's {fare} {cur}.|Here's {to}. {fare} {cur}, please.|Arrived! It makes {fare} "
        "{cur}.) >> It costs {fare} {cur}.",
    "[fast]A: (Wonderful! Keep the change.|You're the best driver in town. Here's {tip} {cur} extra.|Here you are, and "
        "{tip} {cur} for you.|Thank you so much. I'll make it.)",
    "[slow]B: (I'm afraid there's {jam}. Nothing is moving.|It won't be quick. There's {jam}.|Look at that! We're stuck "
        "because of {jam}.) >> They are stuck because of {jam}.",
    "[slow]A: (Oh no. How long will it take?|Isn't there any other way?|Then I'll be too late!|That can't be true.)",
    "[slow]B: (Half an hour at least. Call them and say that you're late.|I can't fly, I'm sorry. Maybe you should call "
        "somebody.|All the streets are full. You'd better call and say you're late.) >> {B} advises {A} to call and say that "
        "{Ahe} is late.",
    "[slow]A: (You're right, I'll do that.|My battery is empty! May I use your phone?|I'll try. Oh, I hope they "
        "understand.|What a day. All right.)",
    "[out]B: (There's {jam} in front of us.|We're not getting through, there's {jam}.|Everything is blocked, there's "
        "{jam}.) (On foot you'd be faster.|If I were you, I'd walk the rest.|It's only ten minutes on foot.) >> {B} advises "
        "{A} to walk.",
    "[out]A: (With this heavy bag?|Which way do I have to go?|Then let me out here, please.|All right, I'll run.)",
    "[out]B: (Straight on, past {way}. Good luck!|Just go past {way}. That's {fare} {cur}, please.|Past {way}, and you'll "
        "see it. Good luck!)",
    "[out]A: (Thank you. Bye!|I hope I'll make it.|Here's the money. Bye!)",
    "[lost]B: (Hmm, I'm new here. Do you know the way?|I only started this week. How do I get there?|Wait, where is that "
        "again? My map doesn't work.) >> {B} does not know the way.",
    "[lost]A: (You're the driver! I thought you'd know it.|I think it's past {way}.|First past {way}, and then I'll tell "
        "you.|I've only been there once. Somewhere behind {way}, I think.)",
    "[lost]B: (All right, past {way}.|I'll ask a colleague on the radio.|I'm sorry. You'll pay only {fare} {cur}, whatever "
        "it takes.|Thank you. I won't charge you the full price, only {fare} {cur}.)",
    "[lost]A: (That's the least you can do.|OK, but hurry.|Fine. Now turn left here.|Just drive, please.)",
    "= go {A} takes a taxi to {to}, because {whatS} at {time} | {A} (is in a hurry to get|wants to be driven|has to get) "
        "to {to}, because {whatS} soon | {A} is in a taxi to {to} and in a hurry, as {whatS} at {time}",
    "= end [fast](because of|despite) {jam}, {B} (goes|drives) past {way}, and they arrive in time | [fast]{B} knows a "
        "better way, and they are there in time, for {fare} {cur} | [slow]they are stuck because of {jam}, so {B} advises "
        "{Ahim} to call | [slow]because of {jam}, {A} will be late and has to call | [out]because of {jam}, {A} (has to walk "
        "the rest|must go the rest of the way on foot) | [out]{B} advises {A} to walk because of {jam} | [lost]{B} is new and "
        "does not know the way | [lost]{B} has to ask {A} for the way",
    "S {go}. {end}.",
    "[!fast]S {go}, but {end}.",
    "[fast]S {go}, and {end}.",
    "S {go}. ([talk]{A} comes from {from}. |){end}.",
    "Q Where does {A} want to go?|Where is the taxi going? => to {to}",
    "Q Why is {A} in a hurry? => {whatS} at {time}",
    "Q At what time must {A} be there? => at {time}",
    "[fast,slow,out]Q What is the problem on the way?|What slows the traffic down? => {jam}",
    "[fast]Q Which way does {B} take? => past {way}",
    "[fast]Q How much does the ride cost? => {fare} {cur}",
    "[talk]Q Where does {A} come from? => from {from}",
    "[lost]Q Does {B} know the way? => no",
    "[slow]Q What does {B} advise? => to call and say that {A} is late",
    "[out]Q How does {A} go on? => on foot",
    "Q Who drives the taxi?|Who is the driver? => {B}",
    "Q What happens?|How does it end? => {end}",
    "# a late train|a missed connection|at the train station",
    "@ tn",
    "$ to {city}",
    "$ via {city}",
    "$ first,next {##7-9}:{#10-30*5}~{##10-11}:{#10-55*5}|{#13-15}:{#10-30*5}~{#16-18}:{#10-55*5}",
    "$ late {#20-60*5} minutes|half an hour|a full hour||almost two hours",
    "$ why snow on the line|a fallen tree|a broken engine|a signal fault|a strike|a landslide|a passenger who is ill|a "
        "power failure|storm damage|a jammed door|a missing driver|a swarm of bees|leaves on the rails||a flooded tunnel|cows "
        "on the line",
    "$ track platform {#1-14}",
    "$ hotel the {hotelname}",
    "$ goal a wedding|a job interview|a birthday party|an important meeting|an exam|a concert|a funeral|a trade fair|a "
        "christening|a trial lesson|a hospital appointment|an audition|a class reunion||a court hearing",
    "$ refund {#10-45*5}",
    "! bus|nexttrain|hotel|money",
    "! 50 goal",
    "A: (Excuse me, |Sorry, |Hello, )(is the {first} train to {to} late|what happened to the {first} train to {to}|why "
        "isn't the {first} to {to} here yet|do you know when the {first} train to {to} is coming)? >> {A} asks about the "
        "{first} train to {to}.",
    "B: (I'm afraid |I'm sorry, |Unfortunately )(it's {late} late|it has a delay of {late}|it will be {late} late). "
        "(There's {why}|The reason is {why}|It's because of {why})(| near {via}|, they say). >> The train is late because of "
        "{why}.",
    "[goal]A: (But I have to be there in time!|Oh no, that's terrible.|That can't be true!|Not today of all days!) (I'm on "
        "my way to {goal}.|I'm going to {goal}.|I'll be late for {goal}!) >> {A} is on the way to {goal}.",
    "[!goal]A: (Again?|That's the third time this week.|And what do I do now?|Typical.) (|I've been standing here in the "
        "cold.|Nobody told us anything.)",
    "& 30 remark A",
    "& 35 pause B",
    "[bus]B: (There's a bus to {to} from the front of the station|You could take the bus in front of the station|We have a "
        "special bus to {to}, it leaves outside the station,) at {next~}. >> A bus to {to} leaves at {next}.",
    "[bus]A: (Is my ticket valid on the bus?|Do I have to pay for the bus?|Will I get a seat?|How long does the bus take?)",
    "[bus]B: (Your ticket is fine.|I don't think so, but go there soon.|Not much longer than the train.|Don't worry about "
        "that.)",
    "[nexttrain]B: (The next one goes at {next~} from {track}.|You can take the one at {next}, {track}.|There's another "
        "train at {next}. It leaves from {track}.|Take the {next} from {track}.) >> The next train leaves at {next} from "
        "{track}.",
    "[nexttrain]& 25 confirm A track",
    "[nexttrain]A: (Is that a direct train?|Do I have to change?|Can I use the same ticket?|And that one is on time?)",
    "[nexttrain]B: (Yes, but listen to the announcements.|I think so, but ask on the train again.|Yes, as far as I know.)",
    "[hotel]A: (Is there another train tonight?|Can I still get to {to} today?|When is the next one?|What other trains are "
        "there?)",
    "[hotel]B: (No, that was the last one today.|I'm afraid there is nothing more today.|Not before tomorrow morning.|The "
        "next one is tomorrow, I'm sorry.) (But we'll pay|We will pay|The railway pays) for a room at {hotel}. >> The railway "
        "pays for a room at {hotel}.",
    "[hotel]A: (That's something, at least.|Thank you, that's a help.|I see. How do I get there?|All right. I'd better "
        "call home.)",
    "[hotel]B: (It's just across the square.|Just show them your ticket.|They know about it already.|A taxi will take you "
        "there.)",
    "[money]A: (I want my money back.|Can I give my ticket back?|Then I don't want to go any more. What about my ticket?|"
        "Do I get anything for that?)",
    "[money]B: (Yes, you get {refund} {cur} back.|Of course, I can pay you {refund} {cur}.|Fill in this form, and you'll "
        "get {refund} {cur}.|You can have {refund} {cur} back, at the ticket office.) >> {A} gets {refund} {cur} back.",
    "[money]A: (Good. I'll go by car then.|All right, better than nothing.|Then I'll stay at home today.|Only {refund} "
        "{cur}? I paid more than that.)",
    "& 40 thanks A",
    "= delay the {first} train to {to} is {late} late (because of|due to) {why} | {A's} train to {to} (is late|is delayed) "
        "because of {why} | because of {why}, the {first} train to {to} (is delayed|is late|will be {late} late)",
    "= worry [goal]{A} is (worried|upset) because {Ahe} is going to {goal} | [goal]{A} is on the way to {goal} | "
        "[!goal]{A} is (not pleased|annoyed)",
    "= end [bus]{B} (tells {Ahim} about|suggests|advises {Ahim} to take) a bus at {next} | [bus]{A} can take a bus at "
        "{next} instead | [nexttrain]{A} can take the {next} from {track} | [nexttrain]{B} (advises {A} to take|recommends) "
        "the train at {next} from {track} | [hotel]as there is no other train today, the railway pays for a room at {hotel} | "
        "[hotel]{A} (must|has to) spend the night at {hotel}, (which the railway pays|paid by the railway) | [money]{A} gets "
        "{refund} {cur} back(| for the ticket) | [money]{B} says that {A} can have {refund} {cur} back",
    "S {delay}. {worry}. {end}.",
    "S {delay}. {end}.",
    "S {A} asks about the {first} train to {to}, which is {late} late. {end}.",
    "S {B} (tells {A}|explains) that the train to {to} is late because of {why}. {end}.",
    "[goal]S {A} is on the way to {goal}, but {delay}. {end}.",
    "Q Where does {A} want to go?|To which city is {A} travelling? => to {to}",
    "Q Why is the train late?|What is the reason for the delay? => ({why}|because of {why})",
    "Q How late is the train?|How long is the delay? => {late}",
    "[goal]Q Why is {A} in a hurry?|What is {A} on the way to? => {goal}",
    "[bus]Q When does the bus leave? => at {next}",
    "[nexttrain]Q From which platform does the next train leave? => from {track}",
    "[nexttrain]Q When does the other train leave?|At what time is the next train? => at {next}",
    "[hotel]Q Where can {A} spend the night?|Who pays for the room? => (at {hotel}, and the railway pays|{hotel}, paid by "
        "the railway)",
    "[money]Q How much does {A} get back? => {refund} {cur}",
    "Q What does {B} offer or suggest?|What can {A} do now?|How does it end? => {end}",
    "Q Where does this take place? => at the (train |)station",
    "# a trip abroad|booking a holiday|at the travel agency",
    "@ tn",
    "$ land {country}",
    "$ by {day}",
    "$ land2 {country}",
    "$ withI,withS my family~{Ahis} family|two friends~two friends|my {kin}~{Ahis} {kin}|my colleagues~{Ahis} colleagues||"
        "my choir~{Ahis} choir",
    "$ weeks a week|ten days|two weeks|three weeks||five days",
    "$ month {month}",
    "$ month2 {month}",
    "$ price {#400-1400*50}",
    "$ less {price-150}",
    "$ like a quiet beach|mountains and lakes|old towns and museums|good food|a place for children|long walks by the sea|"
        "waterfalls and jungle|vineyards|ski slopes|castles and ghost stories|surfing|hot springs|wild animals|painted "
        "churches|cycling along a river||ruins and temples",
    "$ hotel the {hotelname}",
    "$ plus a pool|a big breakfast|a view of the sea|a garden|a bus to the beach|a sauna|a terrace under palm trees|a free "
        "shuttle|a playground|a rooftop bar|a private beach",
    "! books|cheaper|think|elsewhere",
    "! 50 fear",
    "& 45 formal B",
    "A: (I'd like to book a holiday in {land}.|I'm looking for a trip to {land}.|We want to go to {land}.|Do you have "
        "anything for {land}?) (I'm travelling with {withI}|I want to go with {withI}|It's for me and {withI})(, in {month~}.|"
        ", for {weeks} in {month}.) >> {A} wants to go to {land} with {withS}.",
    "B: (Beautiful. |A good choice. |{land} is lovely in {month}. |)(What is important to you?|What would you like to see "
        "there?|What kind of holiday do you have in mind?|Do you want to swim or to see the sights?)",
    "A: (We like {like}.|Most of all {like}.|We're looking for {like}.|{like}, that's what we want.) >> {A} is looking for "
        "{like}.",
    "[elsewhere]B: (Then I wouldn't go to {land} in {month}. |For that, {land} isn't the best place. |Honestly, {land} is "
        "full at that time. )(Have you thought about {land2}?|How about {land2}?|I'd recommend {land2}.) >> {B} recommends "
        "{land2}.",
    "[elsewhere]A: ({land2}? What can one do there?|I've never been to {land2}. What is it like?|Isn't that very far?|I "
        "don't know much about {land2}.)",
    "[elsewhere]B: (It has everything you want, and it's cheaper: {price} {cur} each for {weeks}.|You'd love it. {weeks} "
        "would be {price} {cur} for each of you.|I was there last year. {weeks} cost {price} {cur} each, with {plus}.) >> "
        "{weeks} cost {price} {cur} each.",
    "[elsewhere]A: (That sounds tempting. Let's do that.|You've convinced me. {land2} it is.|All right, I trust you.|Good, "
        "then we'll go to {land2}.) >> {A} chooses {land2}.",
    "[!elsewhere]B: (I have something nice: {hotel}, with {plus}.|Then I'd recommend {hotel}. It has {plus}.|Look at "
        "{hotel} in this catalogue. It has {plus}.) ({weeks} cost {price} {cur} each.|For {weeks}, it's {price} {cur} for each "
        "of you.|It would be {price} {cur} each for {weeks}.) >> {B} recommends {hotel}.",
    "[!elsewhere]& 20 confirm A price",
    "[fear]A: (How do we get there? I don't like flying.|Is the flight long?|Do we have to fly?)",
    "[fear]B: (It's only a few hours by plane.|You could also go by train, but it takes a whole day.|There's a night "
        "train, if you prefer.)",
    "[!elsewhere]& 30 remark A",
    "[books]A: (That's just right. We'll take it.|Wonderful. Please book it.|That's a fair price. I'd like to book it.|I "
        "like it. Let's do that.) >> {A} books the trip.",
    "[books]B: (With pleasure. |Very good. |Great. )(I'll need the names of all travellers.|You have to pay a part of it "
        "now.|Please check that your passports are valid.|You'll get the tickets by mail.)",
    "[cheaper]A: (That's too expensive for us.|Hmm, that's more than we can spend.|Don't you have anything cheaper?|"
        "{price} {cur}? That's a lot.) >> {A} finds it too expensive.",
    "[cheaper]B: (If you go in {month2}, it's only {less} {cur}.|In {month2} you pay {less} {cur} for the same.|The same "
        "trip costs {less} {cur} in {month2}.) >> In {month2} it costs only {less} {cur}.",
    "[cheaper]A: (In {month2} I could get days off, too. OK.|Then we'll go in {month2}.|{month2} is even better for us.|"
        "For that price I'll take {month2}.) >> {A} will go in {month2}.",
    "[think]A: (I have to talk to the others first.|I'd like to think about it.|May I take the catalogue home?|I can't "
        "decide that alone.) >> {A} does not decide yet.",
    "[think]B: (Of course, but don't wait too long. There are only {#2-6} places left.|Sure. I can keep it for you until "
        "{by}.|Take your time. I'll hold the price until {by}.|No problem. Please let me know by {by}.)",
    "[think]A: (I'll come back before that.|Good, I'll call you.|Thank you. We'll decide at the weekend.)",
    "& 45 thanks A",
    "= want {A} wants to (go|travel) to {land} with {withS} in {month} | {A} (asks about|would like to book|is looking "
        "for) a holiday in {land} with {withS} | {A} (plans|is planning) a trip to {land} in {month} and is looking for {like}",
    "= offer {B} (recommends|suggests|offers) {hotel} for {price} {cur} each | {B} recommends {hotel}, which has {plus} | "
        "{weeks} at {hotel} cost {price} {cur} each",
    "= end [books]{A} (likes it and books|decides to book it|books it) | [cheaper]{A} (finds it|thinks it is) too "
        "expensive and will go in {month2} for {less} {cur} | [cheaper]as it is cheaper in {month2}, {A} (chooses|takes) that "
        "month | [think]{A} (wants to|would like to) think about it (first|before deciding) | [think]{A} cannot decide yet | "
        "[elsewhere]{B} recommends {land2} instead, and {A} (agrees|is convinced) | [elsewhere]{A} (chooses|decides on|will go "
        "to) {land2} instead, for {price} {cur} each",
    "S {want}. {offer}. {end}.",
    "S {want}. {offer}, and {end}.",
    "S {want}. {end}.",
    "Q Which country does {A} want to see at first?|Which country does {A} ask about? => {land}",
    "Q With whom does {A} travel? => with {withS}",
    "Q In which month does {A} want to go at first? => in {month}",
    "Q What is {A} looking for?|What does {A} like? => {like}",
    "Q How much does the trip cost at first?|What price does {B} name first? => {price} {cur} each",
    "[!elsewhere]Q Which hotel does {B} recommend? => {hotel}",
    "Q How long is the trip? => {weeks}",
    "[elsewhere]Q Which country does {A} choose in the end? => {land2}",
    "[cheaper]Q In which month will {A} go in the end? => in {month2}",
    "[cheaper]Q What is the lower price? => {less} {cur}",
    "Q Does {A} decide at once? => ([think]no|[!think]yes)",
    "Q How does it end?|What does {A} decide? => {end}",
    "Q Where does this talk take place? => (at|in) a travel agency",
    "# lost property|something left on the bus|looking for a lost thing",
    "@ tn",
    "$ thing,where {a colour} umbrella~on the bus|a brown wallet~in a taxi|{a colour} backpack~on the train|a bunch of "
        "keys~on the tram|a pair of glasses~in the cinema|{a colour} scarf~on the bus|a phone~in the swimming pool|a walking "
        "stick~in the museum|a lunch box~on the ferry|a sketchbook~in the park|a woollen cap~on the chairlift|a sports bag~in "
        "the changing room|a hearing aid~in the concert hall|a violin case~on the night train|a pair of binoculars~at the "
        "racecourse|a stuffed bear~on the tram||a silver ring~in the theatre",
    "$ when yesterday|this morning|last {weekday}|on {weekday} evening|the day before yesterday",
    "$ inside a photo of my {kin}|my initials|a small key|a blue sticker|a name on it|an old ticket|a torn label|a scratch "
        "on the bottom|an embroidered rose|a button that is missing|a burn mark|a phone number on it",
    "$ fee {#2-9}",
    "$ hours {weekday} morning|{weekday} afternoon",
    "$ finder an old lady|a schoolboy|the driver|a tourist|a student|the cleaning lady|a ticket inspector|a little girl|a "
        "dog walker|the night guard|a cyclist||a street musician",
    "$ place the bus station|the town hall|the airport|the main station|the police station||the harbour",
    "! found|notyet|other|closed",
    "! 50 fee",
    "& 35 formal B",
    "A: (I've lost {thing}.|I'm looking for {thing}.|Has anybody found {thing}?|Did someone hand in {thing}?) (I must have "
        "left it {where} {when}.|I think I left it {where} {when}.|It was {where}, {when}.) >> {A} has lost {thing}.",
    "B: (Oh, we get a lot of those.|Let me write that down.|I see.|We have hundreds of lost things here.) (Can you "
        "describe it?|Is there anything special about it?|How would you recognise it?|What does it look like?)",
    "A: (You can tell it by {inside}.|Yes, {inside}.|There is only one thing: {inside}.|You know it by {inside}.) (|It "
        "isn't worth much, but I love it.|I've had it for years.|It was a present.)",
    "[found,other]B: (One moment, I'll look in the back.|I'll have a look.|Wait here, please.)",
    "[found]B: (Is this it?|Look, could that be yours?|You're lucky. Here it is.) ({finder} brought it in.|{finder} found "
        "it and brought it here.|It was brought by {finder}.) >> {finder} has brought it in.",
    "[found]A: (Yes, that's it!|That's mine! How wonderful.|I can't believe it. Thank you!|Yes! Please thank {finder} for "
        "me.)",
    "[found&fee]B: (That's {fee} {cur}, please.|There's a fee of {fee} {cur}.|You have to pay {fee} {cur}, I'm afraid.) >> "
        "{A} has to pay {fee} {cur}.",
    "[found&fee]A: (Gladly.|That's fine. Here you are.|For that I'd pay twice as much.)",
    "[notyet]B: (I'm sorry, nothing like that has come in.|Nobody has brought it yet.|It isn't here, I'm afraid.) (Leave "
        "me your number.|Fill in this card, and we'll call you.|Come again on {hours}, the drivers bring everything then.) >> "
        "It has not been found yet.",
    "[notyet]A: (How long do you keep things?|Is there still any hope?|That's sad. But thank you.|I'll ask at the end of "
        "the line, too.)",
    "[notyet]B: (Things are often brought in after some days.|Don't give up. People are more honest than you think.|We "
        "keep them for half a year.|I'll keep my eyes open.)",
    "[other]B: (I have something like that here. Is it yours?|This came in this morning. Is that it?|Here's one. Take a "
        "look.)",
    "[other]A: (No, that's not mine. Mine is older.|I'm afraid not.|It looks like it, but it isn't mine.|No. What a pity.) "
        ">> It is not the right one.",
    "[other]B: (Then I can only send you to the office at {place}.|Have you asked at {place}?|Sometimes things are taken "
        "to {place}. Try there.) >> {B} tells {A} to ask at {place}.",
    "[other]A: (I'll go there at once.|No, not yet. I'll try.|All right. Thank you for your help.)",
    "[closed]B: (I'd have to look in the other room, but my colleague has the key.|Everything that was found {where} is in "
        "the cellar, and that's closed today.|The things from this week are still at {place}.) (Could you come again on "
        "{hours}?|Please come back on {hours}.|On {hours} we'll have them here.) >> {A} should come back on {hours}.",
    "[closed]A: (On {hours}? I'll try.|Can't somebody look today?|I really need it now.|Good, I'll be here.)",
    "[closed]B: (I'm sorry, there's no other way.|Ask for me. I'll put it aside if it's there.|Then we'll know more.|I "
        "hope we'll find it.)",
    "& 40 thanks A",
    "= look {A} (has lost|is looking for|asks about) {thing} that {Ahe} (left|forgot|lost) {where} {when} | {A} (left|"
        "forgot|lost) {thing} {where} {when} and asks {B} about it | {A} asks (at the lost property office|{B}) for {thing}, "
        "which {Ahe} left {where}",
    "= end [found](luckily|fortunately) {finder} has brought it in | [found]{B} finds it, because {finder} has brought it "
        "in | [found&fee]{A} gets it back for {fee} {cur} | [found&fee]it is there, and {A} pays {fee} {cur} | [notyet]nobody "
        "has (brought it in|found it) yet | [notyet]it has not been found yet, but there is still hope | [other]{B} (shows "
        "{Ahim} one|has one), but it is not the right one, so {A} (will ask|should ask) at {place} | [other]it is not there, "
        "and {B} (sends {Ahim} to|tells {Ahim} to ask at) {place} | [closed]{A} (should|must|has to) come back on {hours} | "
        "[closed]{B} asks {Ahim} to come again on {hours}",
    "S {look}. {end}.",
    "S {look}. {B} asks (for a description|what it looks like). {end}.",
    "[found,closed]S {look}, and {end}.",
    "Q What has {A} lost?|What is {A} looking for? => {thing}",
    "Q Where did {A} lose it?|Where did {A} leave it? => {where}",
    "Q When did {A} lose it? => {when}",
    "[found]Q Who brought it in?|Who found it? => {finder}",
    "[found&fee]Q How much does {A} pay? => {fee} {cur}",
    "[other]Q Where should {A} ask now? => at {place}",
    "[closed]Q When should {A} come back? => on {hours}",
    "Q Does {A} get it back now? => ([found]yes|[!found]no)",
    "Q How does it end?|What is the result? => {end}",
    "# a sick pet|a visit to the vet|a dog that does not eat",
    "@ td",
    "$ kind,name {furry}~{petname}",
    "$ sign,signS doesn't eat any more~does not eat|sleeps all day and won't play~sleeps all day and will not play|is "
        "scratching all the time~scratches all the time|walks with a limp~limps|has been sneezing since the weekend~sneezes|"
        "drinks far too much water~drinks too much water|has lost hair on the back~is losing hair|chews the furniture~chews "
        "the furniture|shakes its head all day~shakes its head all day|is getting fatter and fatter~is getting fat|has a "
        "swollen paw~has a swollen paw|won't leave the basket~does not leave the basket|coughs after every walk~coughs||hides "
        "under the sofa and shakes~hides and shakes",
    "$ age {#2-12} years",
    "$ sincefull since {weekday}|for {#2-5} days|since last weekend|for a week||for ten days",
    "$ illS,illI a cold~it's only a cold|a bad tooth~it's a bad tooth|a skin problem~it's a problem with the skin|an upset "
        "stomach~it's just an upset stomach|a small wound~there's a small wound|worms~it has worms|an allergy~it's an allergy|"
        "a thorn in the paw~there's a thorn in the paw|a tick~there's a tick|too much fat~there's too much fat on the ribs|an "
        "ear infection~it's an infection of the ear||fleas~it's fleas",
    "$ pay {#25-95*5}",
    "$ days {#3-9} days",
    "$ back {weekday} at {time}",
    "! drops|diet|stay|nothing",
    "! 40 pay",
    "B: (Hello{,A}. |Good afternoon{,A}. |Good morning{,A}. )(Who have we here?|And what's the matter with this little "
        "one?|What's wrong with your {kind}?|What can I do for you and your {kind}?)",
    "A: (This is {name}, my {kind}|It's {name}, our {kind}|{name} is my {kind}). (I'm so worried, {name} {sign}.|{name} "
        "{sign}.|The problem is that {name} {sign}.) >> {A's} {kind} {name} {signS}.",
    "B: (Since when?|How long has that been going on?|When did it start?|For how long?)",
    "A: ({sincefull}.|{sincefull}, I think.|I've noticed it {sincefull}.|It has been like that {sincefull}.) >> It has "
        "been like that {sincefull}.",
    "B: (How old is {name}?|And the age?|What age is {name}?)",
    "A: ({age} old.|Almost {age}.|{age}, as far as we know.|{name} will soon be {age}.)",
    "B: (Let me have a look. |Please hold {name} for a moment. |Come here, {name}. I won't hurt you. |)(Well, {illI}.|I "
        "see, {illI}.|I think {illI}.|Just as I thought, {illI}.) >> {B} finds {illS}.",
    "A: (Is that dangerous?|Oh, poor {name}! Can you help?|Will {name} be all right?|And what can we do?)",
    "[drops]B: (I'll give you some drops|I have good drops for that|Here are some drops). (Put them in the water|Give them "
        "with the food|Two of them every morning and evening) for {days}. >> {A} should give drops for {days}.",
    "[drops]A: (How do I do that? {name} hates medicine.|Only {days}? Good.|I hope {name} will take them.|All right, I'll "
        "try.)",
    "[drops]B: (Hide them in a piece of sausage.|A little cheese helps.|You'll see, it works well.|If it isn't better by "
        "then, come again.)",
    "[diet]B: (No treats and no titbits from the table for {days}.|Only rice and a little chicken for {days}.|Give {name} "
        "half as much food for {days}.) (That's all.|Then everything will be fine.|) >> {name} must be on a diet for {days}.",
    "[diet]A: (That will be hard. Those eyes!|I'll tell my {kin}, too.|Not even one biscuit?|OK, we'll be strict.)",
    "[diet]B: (I know, but it has to be.|It's for {name}'s good.|Be strong.)",
    "[stay]B: (I'd like to keep {name} here for a night.|It would be best if {name} stayed here tonight.|{name} should "
        "stay with us until tomorrow.) (You can fetch {name} on {back}.|Come back on {back}.|) >> {name} has to stay at the "
        "vet's.",
    "[stay]A: (All alone? Oh dear.|If you think it's necessary.|Can I visit?|I hope {name} won't be sad.)",
    "[stay]B: (We'll take good care of {name}.|Don't worry, somebody is always here.|Bring a blanket that smells of home, "
        "that helps.)",
    "[nothing]B: (Not at all. It will pass by itself.|You don't have to do anything.|No, it's harmless. Just wait.|It "
        "isn't dangerous. In a few days it's over.) >> {B} says that it will pass by itself.",
    "[nothing]A: (Thank goodness.|I'm so relieved.|Really? I was so worried.|Then I can sleep again.)",
    "[nothing]B: (You did the right thing to come.|Better once too often than too late.|If it gets worse, call me.)",
    "& 25 remark A",
    "[pay]A: (How much do I owe you?|And what does it cost?|What do I have to pay?)",
    "[pay]B: ({pay} {cur}.|That's {pay} {cur}, please.|{pay} {cur}. You can pay at the desk.) >> {A} has to pay {pay} "
        "{cur}.",
    "& 40 thanks A",
    "= vet [kB]{B}|[!kB](the|a) vet",
    "= goes {A} (takes|brings) {Ahis} {kind} {name} to {vet} because {name} {signS} | {A} (goes|comes) to {vet} with "
        "{name}, a {kind} that {signS} | {A} is worried about {Ahis} {kind} {name}, (who|which) {signS}",
    "= ill {B} finds (that it is|) {illS} | it is {illS} | {B} (says|thinks) that it is {illS}",
    "= end [drops]{A} (should|must|has to) give (the {kind}|{name}) drops for {days} | [drops]{B} (gives|prescribes) drops "
        "for {days} | [diet]{name} (must|has to) (keep to a diet|be on a diet) for {days} | [diet]{B} orders a diet for {days} "
        "| [stay]{name} (has to|must|will) stay there for the night | [stay]{B} (keeps|wants to keep) {name} there until the "
        "next day | [nothing]it will pass by itself | [nothing]{A} (does not have|has not) to do anything | [nothing]{B} says "
        "that it is harmless",
    "S {goes}. {ill}. {end}.",
    "S {goes}. {ill}, and {end}.",
    "S {goes}. {end}.",
    "S {A's} {kind} {name} {signS}. {ill}. {end}.",
    "Q What kind of animal is {name}?|What pet does {A} have? => {a kind}",
    "Q What is the name of the pet?|What is {A's} {kind} called? => {name}",
    "Q What is wrong with {name}?|Why is {A} worried? => {name} {signS}",
    "Q Since when has {name} been like that?|How long has it been going on? => {sincefull}",
    "Q How old is {name}? => {age}",
    "Q What does the vet find?|What does {name} have? => {illS}",
    "[drops]Q For how long should {A} give the drops? => for {days}",
    "[pay]Q How much does it cost? => {pay} {cur}",
    "Q What does {B} advise?|How does it end?|What has to be done? => {end}",
    "Q Who is the vet?|Which of the two is the vet? => {B}",
    NULL,
};

// Short prose about one person, for the base model. @N is the name, @he @him @his the pronouns, @want a verb that agrees with the
// person and @bring@3 one that does not; so a story can be told by its hero, too.
static const char *const STORIES[] = {
    "@N @want to learn the {instrument}. (Last week|In {month}|Two days ago) @he bought an old one at (the flea market|a "
        "small shop in {city}). Now @he @practise every evening, and the neighbours (are very patient|already know every song|"
        "have asked @him to play more quietly).",
    "@N @work as {a job} in {city}. @He @get up at {morning} and @take the (train|bus|tram) to work. (On {day}s|In the "
        "evening) @he @play {sport} with @his (friends|{kin}).",
    "@N lost @his (keys|wallet|umbrella|gloves) on the way to (school|work|the market). @He looked for it (everywhere|for "
        "an hour), but it was gone. (In the evening|The next day) a neighbour brought it back, and @he was very (happy|"
        "relieved).",
    "@N @have a {pet} called {petname}. It is (very old|only a year old|quite lazy) and @sleep@3 most of the day. When @N "
        "@come home from work, it (waits at the door|is always hungry|wants to play).",
    "@N @want to visit @his {kin} in {city}. The train @leave@3 at {morning}, so @he @have to get up early. @He @take (a "
        "book|a cake|some flowers|a big bag) with @him.",
    "@N @is looking for a new flat because the old one is too (small|expensive|dark|noisy). @He @have seen {small} flats "
        "so far, but @he did not like any of them. (On {day}|Tomorrow) @he will look at one in {street}.",
    "@N @like to cook for @his friends. Last {day} @he made {dish}, but @he forgot the salt. Nobody said a word, and "
        "everybody drank a lot of water.",
    "@N @learn {language} because @he @want to work in {country}. The course is on {weekday}s, and the teacher is (strict|"
        "very kind|from {city}). @N @do @his homework on the bus.",
    "@N @have been ill for {#2-6} days. The doctor told @him to stay in bed and to drink a lot of tea. @His {kin} @bring@3 "
        "soup every evening.",
    "@N bought a {colour} {garment} last week. When @he put it on at home, it was much too (big|small|long). @He took it "
        "back to the shop and got @his money back.",
    "@N @ride @his bicycle to work, even in winter. It takes {#15-50*5} minutes. Last {weekday} there was so much snow "
        "that @he had to walk.",
    "@N @meet @his friends at {cafe} every {day}. They talk about (films|football|their children|music) and drink coffee. "
        "@N always @order (cake|tea|the same soup).",
    "@N @is reading a book called {book}. It is so (exciting|funny|sad) that @he @forget the time. Yesterday @he missed "
        "@his bus because of it.",
    "@N @need money for a new (computer|bicycle|guitar|sofa). So @he @work in a (bakery|bookshop|garden) on Saturdays. In "
        "{month} @he will have enough.",
    "@N @have invited {small} friends for dinner. @He @want to make {dish}, but there is no (milk|butter|cheese) in the "
        "house. @His {kin} @go@3 to the shop for @him.",
    "@N took a wrong train and came to {city} instead of {city}. @He did not know anybody there. A friendly woman let @him "
        "use her phone.",
    "@N @is afraid of (dogs|the dark|flying|deep water). @His {kin} always @laugh@3 about it. But last summer @N was very "
        "brave.",
    "@N found a (purse|phone|ring) in the park and took it to the police. A week later an old man came to thank @him. He "
        "gave @him {gift}.",
    "@N @work in a library. Every day many people ask @him for {book}, but there is only one copy. So @he @have to write "
        "long lists.",
    "@N @want to stop eating sweets. @He @have told everybody about it. But @his {kin} @make@3 the best cakes in the whole "
        "town.",
    "@N @is planning a trip to {country} with @his {kin}. They want to see (the mountains|the old towns|the sea) and to "
        "eat well. They will leave on the {#10-20}th of {month}.",
    "@N played {sport} on {day} and hurt @his (knee|foot|hand). @He went to hospital, where @he waited for {#2-5} hours. "
        "Now @he @have to rest for {#2-4} weeks.",
    "@N wrote a letter to @his {kin} in {city}. @He told about the new job and the new flat. The answer came {#2-6} days "
        "later, with a photo of the garden.",
    "@N @have a garden behind the house. In spring @he @plant tomatoes and beans, and in autumn @he @give half of them "
        "away. The birds eat the rest.",
    "@N @is the new (teacher|neighbour|doctor) in the village. People are curious and ask @him many questions. @He @answer "
        "all of them with a smile.",
    "@N got a parcel from @his {kin}. There was {gift} in it and a card with a joke. @N called at once to say thank you.",
    "@N @go to the gym on {weekday}s because @his back hurts. The trainer showed @him {small} exercises. @He @do them "
        "every morning before breakfast.",
    "@N @want to sell @his old car. It is {colour} and {#8-19} years old. So far nobody has offered more than "
        "{#200-900*50} (pounds|euros|dollars).",
    "@N @live on the {#3-9}th floor, and the lift is broken. When @he @come home with heavy bags, @he @have to rest twice. "
        "@He @have complained to the landlord, but nothing happens.",
    "@N saw a film called {film} (yesterday|last {day}|with @his {kin}). @He liked the music, but the end was too sad. On "
        "the way home @he did not say a word.",
    "@N @have an exam in {subject} on {weekday}. @He @study until midnight and @drink too much coffee. @His friends say "
        "that @he @know everything already.",
    "@N helped @his {kin} to move to {street}. They carried boxes for {#3-8} hours. In the evening they sat on the floor "
        "and ate pizza.",
    "@N @sing in a choir that meets in the old church. They give a concert in {month}. @N @have to stand in the first row, "
        "and @he @is nervous.",
    "@N forgot @his {kin}'s birthday. When @he remembered it, the shops were closed. So @he baked a cake in the middle of "
        "the night.",
    "@N @take the same bus every morning. The driver knows @his name and always @ask@3 how @he @is. One day the driver was "
        "ill, and everyone missed him.",
    "@N @collect old (maps|coins|stamps|bottles). @He @have more than {#100-900*50} of them. @His friends bring @him new "
        "ones from their travels.",
    "@N went to the market to buy fish. It was expensive, so @he bought eggs and bread instead. At home @he made (pancakes|"
        "an omelette), and everybody was happy.",
    "@N @have to give a talk about (bees|bridges|old towns|sleep) at school. @He @practise in front of the mirror. @His "
        "cat is the only listener.",
    "@N left @his umbrella in the train. @He called the station, and a man said that they had more than {#30-90*5} "
        "umbrellas. @N described the handle, and they found it.",
    "@N @is tired because the neighbours had a party until {#2-5} in the morning. @He knocked at their door, but they did "
        "not hear @him. Today they brought flowers and said sorry.",
    "@N @want to change @his job. @He @have worked for {company} for {#3-12} years. Next week @he @have an interview at "
        "{company}.",
    "@N made a plan for the weekend. On Saturday @he @want to clean the flat, and on Sunday @he @want to see friends. But "
        "it was so sunny that @he went to the lake on both days.",
    "@N broke @his {kin}'s favourite cup. @He did not dare to say it and bought a new one. But it had been an old cup "
        "anyway, and everybody laughed.",
    "@N @teach {subject} at a school in {city}. The children like @him because @he @tell funny stories. Last week @he "
        "brought a {pet} to the lesson.",
    "@N @run along the river every morning. In {month} @he @want to take part in a race in {city}. @His {kin} will come to "
        "cheer.",
    "@N stayed at the {hotelname} for {#2-6} nights. The room was clean, but the bed was too (soft|short|hard). @He wrote "
        "a friendly letter to the manager.",
    "@N @have bought tickets for a concert on {day}. It starts at {evening}. @He will meet @his friends at {meetplace}.",
    "@N @save water and power at home. @He @wash @his clothes only once a week and @turn off every lamp. @His {kin} @say@3 "
        "that it is too dark to read.",
    "@N @want to paint the kitchen {colour}. @He bought {#3-9} pots of paint and began on {day}. By evening even the {pet} "
        "was {colour}.",
    "@N @have to work at night. @He @sleep by day, when the children next door play {sport}. So @he bought something for "
        "@his ears.",
    "@N met an old friend at the airport in {city}. They had not seen each other for {#5-20*5} years. They talked so long "
        "that both missed their flights.",
    "@N @write a short story every month. Most of them are about the sea. One was printed in a newspaper, and @his {kin} "
        "bought {#5-30*5} copies.",
    "@N called the restaurant to book a table for {crowd}. They only had a table at {evening}. @N took it, because it was "
        "the only free evening.",
    "@N asked @his boss for a day off because of a wedding. The boss agreed but wanted @him to finish a report first. @N "
        "worked until {evening} to do it.",
    "@N did not like the new neighbours at first. They were loud and never said hello. But when @N was ill, they brought "
        "@him soup.",
    "@N @want to lend @his friend {#20-90*10} (pounds|euros|dollars), but the friend still owes @him money from {month}. "
        "@N @do@not know what to say. @He @ask @his {kin} for advice.",
    "@N @repair old bicycles in a shed behind the supermarket. (Most of them come from the rubbish dump|People bring them "
        "from all over the town). In spring @he @sell them cheaply to students.",
    "@N @want to become a pilot. @He @have read every book about aeroplanes, and there is a huge propeller above @his bed. "
        "But @he @feel sick whenever the ground is far away.",
    "@N was chosen for the main part in the school play. @He @have to wear a crown and a velvet cloak. During the "
        "rehearsal the beard fell off, and the audience roared.",
    "@N @deliver newspapers before sunrise. The streets are silent, and only the foxes watch @him. On Sundays the bundle "
        "is so thick that @he @need a trolley.",
    "@N inherited a violin from an aunt @he had never met. An expert said that it was worth a fortune. @N decided to keep "
        "it and to take lessons.",
    "@N @spend every summer on a farm near {city}. @He @milk the cows, @feed the pigs and @sleep in the hay. In autumn @he "
        "@miss the smell.",
    "@N bet with @his {kin} that @he could live without sugar for a month. On the ninth day @he dreamt of marzipan. On the "
        "tenth day @he lost the bet.",
    "@N @have built a model of the cathedral out of matchsticks. It took @him {#3-9} years and countless tubes of glue. "
        "Now the museum @want@3 to exhibit it.",
    "@N ordered a cupboard and got a box with ninety screws. The instructions were in Korean. After a long weekend the "
        "cupboard stood, but the doors opened inwards.",
    "@N @volunteer at the animal shelter on {day}s. @He @walk the big dogs that nobody else dares to walk. One of them, "
        "{petname}, will move in with @him soon.",
    "@N found a message in a bottle on the beach. It came from a sailor in {country} and was {#12-40*4} years old. @N is "
        "still waiting for an answer to @his letter.",
    "@N @speak {language} with @his grandparents and {language} at work. Sometimes @he @mix everything up. Then even the "
        "dog @look@3 confused.",
    "@N burnt the cake for the charity bazaar. There was no time for another one, so @he covered it with icing. It was "
        "sold first, for {#20-60*5} (pounds|euros|dollars).",
    "@N @hate Mondays because the lift is always crowded. So @he @climb the stairs to the eleventh floor. @His doctor is "
        "delighted.",
    "@N joined a rowing club in {month}. The blisters hurt, and the coach shouted at everybody. But on the water, at dawn, "
        "@he forgot all that.",
    "@N @have a stall at the flea market and @sell porcelain. Last Sunday a customer tripped and broke {#3-9} plates. @He "
        "paid for them and bought the teapot as well.",
    "@N dreamt that @he was a giraffe. The next morning @his neck was stiff. The doctor prescribed an ointment and a "
        "flatter pillow.",
    "@N @wait for the bus with the same stranger every day. They nod but never talk. Yesterday the stranger was missing, "
        "and @N was strangely sad.",
    "@N was stung by a wasp during a picnic. @His lip swelled like a balloon. A pharmacist in the next village gave @him "
        "some gel.",
    "@N @is saving for a trip to {country}, coin by coin, in a clay pig. By {month} it should be full. @His {kin} @put@3 a "
        "note in it now and then.",
    "@N @umpire {sport} matches for children. The parents complain, the children do not. After the game everybody @get@3 "
        "an orange.",
    "@N opened a tiny bakery in {street}. At first only pigeons came. Then a journalist praised the rye bread, and now "
        "there is a queue.",
    "@N @knit scarves during long train journeys. A fellow passenger once asked for one, and @he gave it away. A month "
        "later a jar of honey arrived.",
    "@N missed the last ferry and had to stay on the island. A fisherman lent @him a hammock. The night was full of stars "
        "and mosquitoes.",
    "@N @have been promised a promotion for {#2-5} years. Yesterday the manager retired, and @his chair was empty. @N sat "
        "down in it, just to try.",
    NULL,
};

// ---------------------------------------------------------------------------------------------------------------
// Words out of the script
// ---------------------------------------------------------------------------------------------------------------

enum { TEXT = 6000, VARS = 96, FLAGS = 48, TURNS = 24, ALTERNATIVES = 160, SAID = 48 };

static const char MARK[] = "\1";  // stands after a wrong word that the speaker will correct at the end of the sentence

typedef struct {
    char s[TEXT];
    size_t n;
} Text;

typedef struct {
    const char *p;
    size_t n;
} Span;

static _Noreturn void die(const char *what, Span where) {
    fprintf(stderr, "make_dialogues: %s: %.*s\n", what, (int)where.n, where.p);
    exit(1);
}

static Span span(const char *s) { return (Span){s, strlen(s)}; }

static Span part(Span t, size_t from, size_t to) { return (Span){t.p + from, to - from}; }

static bool same(Span a, const char *b) { return a.n == strlen(b) && !memcmp(a.p, b, a.n); }

static void put(Text *t, Span s) {
    if (t->n + s.n + 1 > TEXT) die("a text is too long", s);
    memcpy(t->s + t->n, s.p, s.n);
    t->s[t->n += s.n] = 0;
}

static void puts_to(Text *t, const char *s) { put(t, span(s)); }

// splitmix64: small, and any seed will do.
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

typedef struct {
    char name[20], value[200];
    const char *line;  // the script line that bound it: a second draw gives a wrong value
    int index;         // which of the names of that line
    uint64_t said;     // in which beats it was spoken, a bit each; shared by all names of a line
} Var;

typedef struct {
    char style;                   // f first name, t title, s sir or madam, d doctor, n never named
    char first[20], full[44];     // Anna, Anna Keller
    char title[32];               // Ms Keller, Dr Keller
    char known[44];               // how the other one has called this person; empty: #Person1# it stays
    bool woman, named;            // named: this dialogue may use the name
} Person;

typedef struct {
    int role;             // 0 is A, 1 is B
    Span text;            // into the turn: what was said in this beat
    const char *report;   // the script's version in the third person, or null
    int turn;
} Said;

typedef struct {
    uint64_t random;
    bool test;                // may use the words that are kept for the test set
    size_t scene;             // line of SCRIPT that starts the scene
    Var var[VARS];
    int vars;
    Span flag[FLAGS];
    int flags;
    Person person[2];
    int x;                    // which role X stands for inside a block
    int first;                // role of #Person1#, -1 before anybody has spoken
    Text turn[TURNS];
    int role[TURNS], turns;
    Said said[SAID];
    int saids;
    char fix[200];            // a correction that the sentence in progress still owes
    const char *drawing;      // the line that is being drawn: references to persons stay for later
    struct {
        Span slot;
        char value[64];
        bool used;
    } drawn[16];              // what the first value of that line has drawn: the others of the line draw the same
    int drawns;
    bool again;
    uint64_t beat;            // bit of the beat in progress; 0 after the dialogue
    uint64_t need;            // the beats of which one must have spoken a variable that a text after the dialogue uses
    bool ungrounded;          // a text after the dialogue used what nobody has said
} Talk;

static uint32_t below(Talk *t, uint32_t n) {
    t->random += 0x9e3779b97f4a7c15u;
    return (uint32_t)((mix(t->random) >> 32) * n >> 32);
}

static bool chance(Talk *t, uint32_t percent) { return below(t, 100) < percent; }

// The index after the bracket that closes the one at i.
static size_t close_of(Span t, size_t i) {
    int deep = 0;
    for (; i < t.n; i++) {
        if (t.p[i] == '(' || t.p[i] == '{') deep++;
        if ((t.p[i] == ')' || t.p[i] == '}') && !--deep) return i + 1;
    }
    die("a bracket is not closed", t);
}

// kA and kB: the name of A, of B has been said.
static bool has_flag(const Talk *t, Span name) {
    if (same(name, "kA") || same(name, "kB")) return t->person[name.p[1] - 'A'].known[0];
    for (int i = 0; i < t->flags; i++)
        if (t->flag[i].n == name.n && !memcmp(t->flag[i].p, name.p, name.n)) return true;
    return false;
}

// a&!b,c: (a and not b) or c
static bool holds(const Talk *t, Span c) {
    bool all = true;
    for (size_t i = 0, from = 0; i <= c.n; i++) {
        if (i < c.n && c.p[i] != '&' && c.p[i] != ',') continue;
        bool not = c.p[from] == '!';
        all = all && has_flag(t, part(c, from + not, i)) != not;
        if (all && (i == c.n || c.p[i] == ',')) return true;
        if (i < c.n && c.p[i] == ',') all = true;
        from = i + 1;
    }
    return false;
}

// Takes a leading [condition] off; false if it does not hold.
static bool allowed(const Talk *t, Span *s) {
    size_t i = 0;
    while (i < s->n && s->p[i] == ' ') i++;
    if (i == s->n || s->p[i] != '[') return true;
    const char *end = memchr(s->p + i, ']', s->n - i);
    if (!end) die("a condition is not closed", *s);
    size_t to = (size_t)(end - s->p);
    bool yes = holds(t, part(*s, i + 1, to));
    *s = part(*s, to + 1, s->n);
    return yes;
}

// One of the alternatives of s at its top level. What stands behind || is for the test set only, where it comes half the time.
static Span pick(Talk *t, Span s) {
    Span all[ALTERNATIVES];
    int n = 0, kept = -1;
    for (size_t i = 0, from = 0; i <= s.n; i++) {
        if (i < s.n && (s.p[i] == '(' || s.p[i] == '{')) i = close_of(s, i) - 1;
        else if (i == s.n || s.p[i] == '|') {
            Span a = part(s, from, i);
            if (allowed(t, &a)) {
                if (n == ALTERNATIVES) die("too many alternatives", s);
                all[n++] = a;
            }
            if (i + 1 < s.n && s.p[i + 1] == '|') {
                kept = n;
                i++;
            }
            from = i + 1;
        }
    }
    int low = 0;
    if (kept >= 0 && !t->test) n = kept;
    if (kept > 0 && t->test && kept < n) {
        if (chance(t, 50)) low = kept;
        else n = kept;
    }
    return n > low ? all[low + (int)below(t, (uint32_t)(n - low))] : (Span){"", 0};
}

// Blanks and stops that the alternatives left doubled; a capital at the start of each sentence.
static void tidy(Text *t, bool capitals) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        char c = t->s[i], before = n ? t->s[n - 1] : ' ';
        if (c == ' ' && before == ' ') continue;
        if (strchr(",.?!;", c)) {
            while (n && t->s[n - 1] == ' ') n--;
            if (n && t->s[n - 1] == ',' && c != ',') n--;
            before = n ? t->s[n - 1] : ' ';
            if (strchr(".?!", before) || (c == ',' && before == ',')) continue;
        }
        t->s[n++] = c;
    }
    while (n && t->s[n - 1] == ' ') n--;
    t->s[t->n = n] = 0;
    bool start = capitals;
    for (size_t i = 0; i < n; i++) {
        if (start && t->s[i] != ' ' && t->s[i] != '\'') {
            t->s[i] = (char)toupper((unsigned char)t->s[i]);
            start = false;
        }
        if (capitals && strchr(".?!", t->s[i]) && i + 1 < n && t->s[i + 1] == ' ') start = true;
    }
}

static Var *find_var(Talk *t, Span name) {
    for (int i = t->vars - 1; i >= 0; i--)
        if (same(name, t->var[i].name) && (!t->drawing || t->var[i].line != t->drawing)) return &t->var[i];
    return NULL;
}

static void set_var(Talk *t, Span name, const char *value, const char *line, int index) {
    Var *v = find_var(t, name);
    if (!v) {
        if (t->vars == VARS || name.n >= sizeof v->name) die("too many or too long names", name);
        v = &t->var[t->vars++];
        snprintf(v->name, sizeof v->name, "%.*s", (int)name.n, name.p);
    }
    if (strlen(value) >= sizeof v->value) die("a value is too long", span(value));
    strcpy(v->value, value);
    v->line = line;
    v->index = index;
    v->said = 0;
}

// Notes that a variable is spoken, or, after the dialogue, whether it was: a summary tells only what was said.
static void use_var(Talk *t, const Var *v) {
    if (t->drawing || !v->line) return;
    if (!t->beat) t->ungrounded |= !(v->said & t->need);
    else
        for (int i = 0; i < t->vars; i++)
            if (t->var[i].line == v->line) t->var[i].said |= t->beat;
}

static int role_of(const Talk *t, char c) {
    return c == 'A' ? 0 : c == 'B' ? 1 : c == 'X' ? t->x : c == 'Y' ? 1 - t->x : -1;
}

static const char *call_name(const Person *p) { return p->style == 'f' ? p->first : p->title; }

// Anna, or #Person1#: what a summary calls this person.
static void put_ref(Talk *t, Text *out, int role) {
    if (t->person[role].known[0]) puts_to(out, t->person[role].known);
    else puts_to(out, role == t->first ? "#Person1#" : "#Person2#");
}

// {A} {A's} {Ahe} {Ahis} {Ahim} {A!} {,A} {A,}; false if the slot is none of these.
static bool expand_person(Talk *t, Span slot, Text *out) {
    bool vocative = slot.p[0] == ',' || (slot.n == 2 && slot.p[1] == ',');
    int role = role_of(t, slot.p[slot.p[0] == ',']);
    if (role < 0) return false;
    Person *p = &t->person[role];
    Span rest = part(slot, 1, slot.n);
    if (vocative) {
        bool name = p->named && chance(t, p->known[0] ? 30 : 75);
        const char *word = name ? call_name(p) : p->style == 's' && chance(t, 25) ? (p->woman ? "madam" : "sir") : NULL;
        if (name && !p->known[0]) strcpy(p->known, word);
        if (!word) return true;
        if (slot.p[0] == ',') puts_to(out, ", ");
        puts_to(out, word);
        if (slot.p[0] != ',') puts_to(out, ", ");
        return true;
    }
    if (same(rest, "!")) {
        const char *word = p->style == 'f' ? p->first : p->full;
        if (!p->known[0]) strcpy(p->known, word);
        puts_to(out, word);
        return true;
    }
    if (rest.n && !same(rest, "'s") && !same(rest, "he") && !same(rest, "his") && !same(rest, "him")) return false;
    if (t->drawing) {
        puts_to(out, "{");
        put(out, slot);
        puts_to(out, "}");
        return true;
    }
    if (rest.n > 1 && p->known[0] && !same(rest, "'s") && strstr(out->s, p->known)) {  // a pronoun follows its name
        const char *she[] = {"she", "her", "her"}, *he[] = {"he", "his", "him"};
        int i = same(rest, "he") ? 0 : same(rest, "his") ? 1 : 2;
        puts_to(out, p->woman ? she[i] : he[i]);
        return true;
    }
    put_ref(t, out, role);
    if (same(rest, "'s") || same(rest, "his")) puts_to(out, "'s");
    return true;
}

static void expand(Talk *t, Span s, Text *out);

// #40-90*5: a number in that range in steps of 5; ranges up to 12 as words, unless there are two #.
static void expand_number(Talk *t, Span slot, Text *out) {
    static const char *const words[] = {"no", "one", "two", "three", "four", "five", "six",
                                        "seven", "eight", "nine", "ten", "eleven", "twelve"};
    unsigned low = 0, high = 0, step = 1;
    char text[64];
    bool digits = slot.n > 1 && slot.p[1] == '#';
    snprintf(text, sizeof text, "%.*s", (int)slot.n, slot.p);
    if (sscanf(text + digits, "#%u-%u*%u", &low, &high, &step) < 2 || high < low || !step) die("a bad number slot", slot);
    unsigned n = low + step * below(t, (high - low) / step + 1);
    snprintf(text, sizeof text, "%u", n);
    puts_to(out, high <= 12 && !digits ? words[n] : text);
}

// Draws the line of a variable again, until its value differs.
static void put_wrong(Talk *t, const Var *v, Text *out);

// All lines "= name text" of the scene and of the lists whose condition holds: their alternatives together.
static bool expand_macro(Talk *t, Span name, Text *out) {
    Span found[24];
    int n = 0;
    for (size_t i = t->scene + 1; SCENES[i] && SCENES[i][0] != '#'; i++) {
        Span line = span(SCENES[i]);
        if (!allowed(t, &line) || line.p[0] != '=') continue;
        size_t to = 2 + strcspn(line.p + 2, " ");
        if (to - 2 != name.n || memcmp(line.p + 2, name.p, name.n)) continue;
        if (n == 24) die("too many lines of one name", name);
        found[n++] = part(line, to, line.n);
    }
    for (int tries = 0; n && tries < 30; tries++) {  // a line may have no alternative whose condition holds
        size_t before = out->n;
        expand(t, found[below(t, (uint32_t)n)], out);
        if (out->n > before + 1) return true;
        out->s[out->n = before] = 0;
    }
    if (n) t->ungrounded = true;
    if (n) return true;
    for (size_t i = 0; LISTS[i]; i++) {
        size_t to = strcspn(LISTS[i], " ");
        if (to != name.n || memcmp(LISTS[i], name.p, name.n)) continue;
        expand(t, span(LISTS[i] + to + 1), out);
        return true;
    }
    return false;
}

// A word of a list, or a number. In "$ a,b from {city}~leaves {city}" both slots get the same city.
static bool expand_list(Talk *t, Span slot, Text *out) {
    for (int i = 0; t->drawing && t->again && i < t->drawns; i++)
        if (!t->drawn[i].used && t->drawn[i].slot.n == slot.n && !memcmp(t->drawn[i].slot.p, slot.p, slot.n)) {
            t->drawn[i].used = true;
            puts_to(out, t->drawn[i].value);
            return true;
        }
    size_t before = out->n;
    if (slot.p[0] == '#') expand_number(t, slot, out);
    else if (!expand_macro(t, slot, out)) return false;
    if (t->drawing && !t->again && t->drawns < 16 && out->n - before < sizeof t->drawn[0].value) {
        t->drawn[t->drawns].slot = slot;
        strcpy(t->drawn[t->drawns++].value, out->s + before);
    }
    return true;
}

static bool is_list(Span name) {
    for (size_t i = 0; LISTS[i]; i++)
        if (strcspn(LISTS[i], " ") == name.n && !memcmp(LISTS[i], name.p, name.n)) return true;
    return false;
}

static void expand_slot(Talk *t, Span slot, Text *out) {
    if (slot.p[0] == '#') {
        expand_list(t, slot, out);
        return;
    }
    if (slot.n <= 5 && expand_person(t, slot, out)) return;
    if (slot.n > 2 && slot.p[0] == 'a' && slot.p[1] == ' ') {
        Text word = {.n = 0};
        expand_slot(t, part(slot, 2, slot.n), &word);
        bool like_you = !strncmp(word.s, "uni", 3) || !strncmp(word.s, "one", 3) || !strncmp(word.s, "Eu", 2);
        puts_to(out, strchr("aeiouAEIOU", word.s[0]) && !like_you ? "an " : "a ");
        puts_to(out, word.s);
        return;
    }
    bool wrong = slot.p[0] == '!', shaky = slot.p[slot.n - 1] == '~';
    Span name = part(slot, wrong, slot.n - shaky);
    size_t sign = 0;
    for (size_t i = 1; i < name.n; i++)
        if ((name.p[i] == '+' || name.p[i] == '-') && isdigit((unsigned char)name.p[i + 1])) sign = i;
    Var *v = t->drawing && is_list(name) ? NULL : find_var(t, sign ? part(name, 0, sign) : name);
    if (v && sign) {
        char text[24];
        snprintf(text, sizeof text, "%d", atoi(v->value) + atoi(name.p + sign));
        puts_to(out, text);
    } else if (v && wrong) put_wrong(t, v, out);
    else if (v && shaky && v->line && !t->fix[0] && chance(t, 14)) {
        put_wrong(t, v, out);
        Text right = {.n = 0};
        use_var(t, v);
        expand(t, span(v->value), &right);
        snprintf(t->fix, sizeof t->fix, "%.199s", right.s);
        puts_to(out, MARK);
    } else if (v) use_var(t, v), expand(t, span(v->value), out);
    else if (!expand_list(t, name, out)) die("an unknown slot", slot);
}

// Writes one reading of s: alternatives chosen, (groups) and {slots} filled.
static void expand(Talk *t, Span s, Text *out) {
    s = pick(t, s);
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '(' || s.p[i] == '{') {
            size_t to = close_of(s, i);
            Span inner = part(s, i + 1, to - 1);
            if (s.p[i] == '(') expand(t, inner, out);
            else expand_slot(t, inner, out);
            i = to;
        } else put(out, part(s, i, i + 1)), i++;
    }
}

// "a,b text~text|text~text": names a and b, and the two halves of one alternative as their values. References to persons stay
// slots, because who is #Person1# may not be known yet.
static void draw(Talk *t, const char *line, Text value[4], int *n, Span names[4]) {
    Span s = span(line);
    size_t to = strcspn(s.p, " ");
    *n = 0;
    for (size_t i = 0, from = 0; i <= to; i++)
        if (i == to || s.p[i] == ',') {
            if (*n == 4) die("too many names", s);
            names[(*n)++] = part(s, from, i);
            from = i + 1;
        }
    Span a = pick(t, part(s, to + 1, s.n));
    int k = 0;
    t->drawing = line;
    t->drawns = 0;
    for (size_t i = 0, from = 0; i <= a.n; i++) {
        if (i < a.n && (a.p[i] == '(' || a.p[i] == '{')) i = close_of(a, i) - 1;
        else if (i == a.n || a.p[i] == '~') {
            if (k == *n) die("more values than names", s);
            value[k].n = 0, value[k].s[0] = 0;
            t->again = k > 0;
            for (int d = 0; d < t->drawns; d++) t->drawn[d].used = false;
            expand(t, part(a, from, i), &value[k]);
            tidy(&value[k++], false);
            from = i + 1;
        }
    }
    t->drawing = NULL;
    if (k != *n) die("fewer values than names", s);
}

static void put_wrong(Talk *t, const Var *v, Text *out) {
    static Text value[4];  // too big for the stack in a recursion; used up before the next draw
    Span names[4];
    int n = 0;
    if (!v->line) die("no second value for", span(v->name));
    for (int tries = 0; tries < 20; tries++) {
        draw(t, v->line, value, &n, names);
        for (int i = 0; i < n; i++)
            if (i == v->index && strcmp(value[i].s, v->value)) {
                expand(t, span(value[i].s), out);
                return;
            }
    }
    puts_to(out, v->value);
}

static bool in_use(const Talk *t, const char *value) {
    if (!strcmp(value, t->person[0].first) || !strcmp(value, t->person[1].first)) return true;
    for (int i = 0; i < t->vars; i++)
        if (!strcmp(value, t->var[i].value)) return true;
    return false;
}

// Draws the variables of a line, if it can be done with a first value that nothing else in this dialogue has.
static void bind(Talk *t, const char *line) {
    static Text value[4];
    Span names[4];
    int n = 0;
    for (int tries = 0; tries < 12; tries++) {
        draw(t, line, value, &n, names);
        if (!in_use(t, value[0].s)) break;
    }
    for (int i = 0; i < n; i++) set_var(t, names[i], value[i].s, line, i);
}

// "* friend": a third person: {friend} {friendhe} {friendhis} {friendhim}
static void bind_other(Talk *t, Span name) {
    bool woman = chance(t, 50);
    char line[64], who[24];
    snprintf(who, sizeof who, "%.*s", (int)name.n, name.p);
    const char *own = woman ? "she her her" : "he his him";
    snprintf(line, sizeof line, "%s {%s}", who, woman ? "girl" : "boy");
    bind(t, line);
    find_var(t, name)->line = woman ? "other {girl}" : "other {boy}";
    const char *ends[] = {"he", "his", "him"};
    for (int i = 0; i < 3; i++) {
        char word[8], key[32];
        sscanf(own, "%7s", word);
        own += strlen(word) + (i < 2);
        snprintf(key, sizeof key, "%s%s", who, ends[i]);
        set_var(t, span(key), word, NULL, 0);
    }
}

// ---------------------------------------------------------------------------------------------------------------
// A dialogue out of a scene
// ---------------------------------------------------------------------------------------------------------------

static void make_person(Talk *t, int role, char style) {
    Person *p = &t->person[role];
    Text name = {.n = 0}, surname = {.n = 0};
    p->style = style;
    p->woman = chance(t, 50);
    p->named = style != 'n' && chance(t, style == 'f' ? 55 : 45);
    p->known[0] = 0;
    do {
        name.n = 0;
        expand(t, span(p->woman ? "{girl}" : "{boy}"), &name);
    } while (role == 1 && !strcmp(name.s, t->person[0].first));
    do {
        surname.n = 0;
        expand(t, span("{surname}"), &surname);
    } while (!strcmp(surname.s, name.s) || (role == 1 && strstr(t->person[0].full, surname.s)));
    const char *title = style == 'd' ? "Dr" : !p->woman ? "Mr" : chance(t, 50) ? "Ms" : "Mrs";
    snprintf(p->first, sizeof p->first, "%.19s", name.s);
    snprintf(p->full, sizeof p->full, "%.19s %.20s", name.s, surname.s);
    snprintf(p->title, sizeof p->title, "%s %.20s", title, surname.s);
}

// "Come on Monday\1, please." becomes "Come on Monday, please. Sorry, I meant Friday."
static void correct(Talk *t, Text *text) {
    const char *const ways[] = {"Sorry, I meant ", "No, wait, ", "Oh, sorry, not that, I mean ", "Sorry, I mean "};
    char *mark = strchr(text->s, MARK[0]);
    if (!mark) return;
    memmove(mark, mark + 1, strlen(mark));
    size_t at = (size_t)(mark - text->s);
    at += strcspn(mark, ".?!");
    Text out = {.n = 0};
    put(&out, part(span(text->s), 0, at));
    puts_to(&out, text->s[at] == '?' ? "? " : ". ");
    puts_to(&out, ways[below(t, 4)]);
    puts_to(&out, t->fix);
    puts_to(&out, ".");
    if (text->s[at]) puts_to(&out, text->s + at + 1);
    *text = out;
}

// One beat: text for role's turn, joined to the turn in progress if it is the same person's.
static void say(Talk *t, int role, Span line) {
    const char *report = NULL;
    for (size_t i = 0; i + 1 < line.n; i++)
        if (line.p[i] == '>' && line.p[i + 1] == '>') {
            report = line.p + i + 2;
            line.n = i;
        }
    Text text = {.n = 0};
    t->fix[0] = 0;
    if (t->first < 0) t->first = role;
    t->beat = (uint64_t)1 << t->saids;
    expand(t, line, &text);
    t->beat = 0;
    tidy(&text, true);
    correct(t, &text);
    bool joins = t->turns && t->role[t->turns - 1] == role;
    if (!text.n || (joins && strstr(text.s, "hank") && strstr(t->turn[t->turns - 1].s, "hank"))) return;  // one thanks is enough
    if (joins) puts_to(&t->turn[t->turns - 1], " ");
    else {
        if (t->turns == TURNS) die("too many turns", line);
        t->role[t->turns] = role;
        t->turn[t->turns++].n = 0;
    }
    if (t->saids == SAID) die("too many beats", line);
    Text *turn = &t->turn[t->turns - 1];
    t->said[t->saids++] = (Said){role, {turn->s + turn->n, text.n}, report, t->turns - 1};
    put(turn, span(text.s));
}

static void run(Talk *t, const char *const *line, char end);

// "40 name A var": with that chance, runs one of the blocks of that name with X = A and {arg} = {var}.
static void call_block(Talk *t, Span s) {
    char name[24] = "", var[24] = "", role = 'A', text[80];
    unsigned percent = 100;
    int at = 0;
    snprintf(text, sizeof text, "%.*s", (int)s.n, s.p);
    if (sscanf(text, "%u %n", &percent, &at) < 1) percent = 100, at = 0;
    if (sscanf(text + at, "%23s %c %23s", name, &role, var) < 2) die("a bad call", s);
    if (!chance(t, percent)) return;
    size_t found[40], n = 0;
    for (size_t i = 0; BLOCKS[i]; i++)
        if (BLOCKS[i][0] == '%' && !strcmp(BLOCKS[i] + 2, name) && n < 40) found[n++] = i;
    if (!n) die("no such block", s);
    if (var[0]) {
        Var *v = find_var(t, span(var));
        if (!v) die("no such variable", s);
        Var copy = *v;
        set_var(t, span("arg"), copy.value, copy.line, copy.index);
    }
    int x = t->x;
    t->x = role_of(t, role);
    run(t, BLOCKS + found[below(t, (uint32_t)n)] + 1, '%');
    t->x = x;
}

// "40 late": the flag with that chance. "a|b|c": one of the flags.
static void set_flag(Talk *t, Span s) {
    unsigned percent = 100;
    int at = 0;
    char text[160];
    snprintf(text, sizeof text, "%.*s", (int)s.n, s.p);
    if (sscanf(text, " %u %n", &percent, &at) == 1) {
        if (!chance(t, percent)) return;
        s = part(s, (size_t)at, s.n);
    }
    s = pick(t, s);
    while (s.n && s.p[0] == ' ') s = part(s, 1, s.n);
    if (t->flags == FLAGS) die("too many flags", s);
    if (s.n) t->flag[t->flags++] = s;
}

// Plays the lines up to one that starts with `end` or the end of the script.
static void run(Talk *t, const char *const *script, char end) {
    for (; *script && (*script)[0] != end; script++) {
        Span s = span(*script);
        if (!allowed(t, &s)) continue;
        char op = s.p[0];
        Span rest = s.n > 2 ? part(s, 2, s.n) : span("");
        if (op == '@') make_person(t, 0, rest.p[0]), make_person(t, 1, rest.p[1]);
        else if (op == '!') set_flag(t, rest);
        else if (op == '$') bind(t, rest.p);
        else if (op == '*') bind_other(t, rest);
        else if (op == '&') call_block(t, rest);
        else if (op == '=' || op == 'S' || op == 'Q') continue;
        else if (role_of(t, op) >= 0 && s.p[1] == ':') say(t, role_of(t, op), rest);
        else die("a line that means nothing", s);
    }
}

// What may be said after the dialogue: one of the lines that start with op and whose condition holds. A line "Q text => more"
// gives its two halves; for others more is not touched.
static bool one_line(Talk *t, char op, Text *out, Text *more) {
    Span found[64];
    int n = 0;
    for (size_t i = t->scene + 1; SCENES[i] && SCENES[i][0] != '#'; i++) {
        Span s = span(SCENES[i]);
        if (!allowed(t, &s) || s.p[0] != op || s.p[1] != ' ') continue;
        if (n == 64) die("too many lines", s);
        found[n++] = part(s, 2, s.n);
    }
    for (int tries = 0; n && tries < 20; tries++) {
        out->n = 0, out->s[0] = 0;
        t->ungrounded = false;
        Span s = found[below(t, (uint32_t)n)];
        const char *arrow = strstr(s.p, " => ");
        expand(t, arrow ? part(s, 0, (size_t)(arrow - s.p)) : s, out);
        tidy(out, true);
        if (arrow) {
            more->n = 0;
            expand(t, span(arrow + 4), more);
            tidy(more, false);
        }
        if (out->n && !t->ungrounded) return true;
    }
    return false;
}

static int words(const char *s) {
    int n = 0;
    for (bool in = false; *s; s++) {
        if (*s != ' ' && !in) n++;
        in = *s != ' ';
    }
    return n;
}

static size_t scene_starts[128], scenes;

static void talk_start(Talk *t, uint64_t seed, bool test) {
    t->random = mix(seed);
    t->test = test;
    t->scene = scene_starts[below(t, (uint32_t)scenes)];
    t->vars = t->flags = t->turns = t->saids = t->x = 0;
    t->first = -1;
    t->drawing = NULL;
    t->beat = 0;
    t->ungrounded = false;
    t->need = ~(uint64_t)0;
    t->person[0].first[0] = t->person[1].first[0] = t->person[0].full[0] = 0;
    bind(t, "cur pounds|euros|dollars");
    run(t, SCENES + t->scene + 1, '#');
}

// The dialogue of this seed. Draws again while it is too short or too long.
static void make_talk(Talk *t, uint64_t seed, bool test) {
    for (uint64_t k = 0;; k++) {
        talk_start(t, seed + (k << 40), test);
        if (t->turns >= 4 && t->turns <= 16) return;
    }
}

static const char *tag(const Talk *t, int role) { return role == t->first ? "#Person1#" : "#Person2#"; }

// Turns from up to to, one a line.
static void put_turns(const Talk *t, int from, int to, Text *out) {
    for (int i = from; i < to; i++) {
        if (i > from) puts_to(out, "\n");
        puts_to(out, tag(t, t->role[i]));
        puts_to(out, ": ");
        puts_to(out, t->turn[i].s);
    }
}

// True if a sentence strings its clauses together with more than one ", and " or ", but ".
static bool is_chain(const char *s) {
    int n = 0;
    for (; *s && n < 2; s++) {
        if (strchr(".?!", *s)) n = 0;
        n += !strncmp(s, ", and ", 6) || !strncmp(s, ", but ", 6);
    }
    return n > 1;
}

// A summary of 12 to 45 words; false if the scene has none that fits.
static bool make_summary(Talk *t, Text *out) {
    for (int tries = 0; tries < 40; tries++) {
        if (!one_line(t, 'S', out, NULL)) return false;
        int n = words(out->s);
        if (n >= 12 && n <= 45 && !is_chain(out->s)) return true;
    }
    return false;
}

// ---------------------------------------------------------------------------------------------------------------
// Instructions over dialogues, for training the base model
//
// Each task writes one (source, target) pair from a dialogue, or from one of the STORIES. A task that does not fit the dialogue
// at hand returns false. Summaries are no task here, and the instruction of the demo is never shown.
// ---------------------------------------------------------------------------------------------------------------

typedef struct {
    Text source, target;
} Pair;

static void say_like(Talk *t, const char *ways, Text *out) {
    expand(t, span(ways), out);
}

// The instruction before or after the text, with or without a cue for the answer.
static void frame(Talk *t, const char *instruction, const char *body, Text *out) {
    Text head = {.n = 0};
    switch (below(t, 5)) {
    case 0:
        say_like(t, "Dialogue|Conversation|Text|Talk|Input", &head);
        puts_to(out, head.s), puts_to(out, ":\n"), puts_to(out, body);
        say_like(t, "\n\nQuestion: |\n\nTask: |\n\nInstruction: |\n\n", out);
        puts_to(out, instruction);
        say_like(t, "\nAnswer: |\n\nAnswer:|\nOutput:|", out);
        break;
    case 1:
        puts_to(out, body), puts_to(out, "\n\n"), puts_to(out, instruction);
        break;
    case 2:
        say_like(t, "Read this and do what is asked.|Read the following text.|Here is a text.|Look at these lines.|"
                    "Read what follows.", out);
        puts_to(out, "\n\n"), puts_to(out, body), puts_to(out, "\n\n"), puts_to(out, instruction);
        break;
    default:
        puts_to(out, instruction), puts_to(out, "\n\n"), puts_to(out, body);
        say_like(t, "\n\nAnswer: |\n\nAnswer: |\n\nOutput: |\n\n|", out);
    }
}

// The usual frame around all turns of t.
static void ask(Talk *t, const char *instruction, Pair *p) {
    Text body = {.n = 0};
    put_turns(t, 0, t->turns, &body);
    frame(t, instruction, body.s, &p->source);
}

static void put_count(Text *out, int n) {
    char text[16];
    snprintf(text, sizeof text, "%d", n);
    puts_to(out, text);
}

static const char *const ORDINALS[] = {"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"};

// "line 3", "the third line"
static void put_line_name(Talk *t, int i, Text *out) {
    if (i < 9 && chance(t, 50)) puts_to(out, "the "), puts_to(out, ORDINALS[i]), puts_to(out, " line");
    else puts_to(out, "line "), put_count(out, i + 1);
}

static bool task_question(Talk *t, Pair *p) {
    Text q = {.n = 0};
    if (!one_line(t, 'Q', &q, &p->target)) return false;
    ask(t, q.s, p);
    return true;
}

// Several questions at once, and the answers in their order.
static bool task_questions(Talk *t, Pair *p) {
    Text list = {.n = 0}, q, answer;
    int wanted = 2 + (int)below(t, 4), got = 0;
    say_like(t, "Answer these questions.|Answer each question.|Give the answers in their order.", &list);
    for (int tries = 0; got < wanted && tries < 20; tries++) {
        q.n = answer.n = 0, q.s[0] = answer.s[0] = 0;
        if (!one_line(t, 'Q', &q, &answer)) return false;
        if (strstr(list.s, q.s)) continue;
        puts_to(&list, got ? " " : "\n"), puts_to(&list, q.s);
        if (got++) puts_to(&p->target, " / ");
        puts_to(&p->target, answer.s);
    }
    ask(t, list.s, p);
    return got > 1;
}

static bool task_who_says(Talk *t, Pair *p) {
    int i = (int)below(t, (uint32_t)t->turns);
    Text q = {.n = 0};
    say_like(t, "Who says |Who said |Which speaker says |Find the speaker of these words: ", &q);
    puts_to(&q, "\""), puts_to(&q, t->turn[i].s), puts_to(&q, "\"");
    if (chance(t, 60)) puts_to(&q, "?");
    ask(t, q.s, p);
    puts_to(&p->target, tag(t, t->role[i]));
    return true;
}

static bool task_repeat(Talk *t, Pair *p) {
    int i = (int)below(t, (uint32_t)t->turns);
    Text q = {.n = 0};
    if (chance(t, 25)) {
        i = t->turns - 1;
        say_like(t, "What is the last line?|Repeat the last line.|How does the dialogue end? Write the last line.", &q);
    } else {
        say_like(t, "Repeat |Write down |Copy |Show ", &q);
        put_line_name(t, i, &q);
        say_like(t, ".| of this dialogue.| once more.", &q);
    }
    ask(t, q.s, p);
    put_turns(t, i, i + 1, &p->target);
    return true;
}

static bool task_reply(Talk *t, Pair *p) {
    int i = 1 + (int)below(t, (uint32_t)t->turns - 1);
    bool after = chance(t, 70);
    Text q = {.n = 0};
    say_like(t, after ? "What is said right after |What is the answer to |Which line follows |What is the reply to "
                      : "What is said right before |Which line comes before |To what is this the answer: ", &q);
    puts_to(&q, "\""), puts_to(&q, t->turn[after ? i - 1 : i].s), puts_to(&q, "\"?");
    ask(t, q.s, p);
    puts_to(&p->target, t->turn[after ? i : i - 1].s);
    return true;
}

static bool task_count(Talk *t, Pair *p) {
    int n = 0, marks = 0, role = (int)below(t, 2);
    for (int i = 0; i < t->turns; i++) {
        n += t->role[i] == role;
        for (const char *c = t->turn[i].s; *c; c++) marks += *c == '?';
    }
    Text q = {.n = 0};
    if (chance(t, 40)) {
        say_like(t, "How many lines are there?|Count the lines.|How many turns does the dialogue have?", &q);
        n = t->turns;
    } else if (chance(t, 50)) {
        say_like(t, "How often does |How many times does ", &q);
        puts_to(&q, tag(t, role)), puts_to(&q, " speak?");
    } else {
        say_like(t, "How many question marks are there?|How many questions are asked?|Count the questions.", &q);
        n = marks;
    }
    ask(t, q.s, p);
    put_count(&p->target, n);
    return true;
}

static bool task_speakers(Talk *t, Pair *p) {
    Text q = {.n = 0};
    int who = 0;
    switch (below(t, 3)) {
    case 0: say_like(t, "Who speaks first?|Who begins the conversation?|Who starts?", &q); break;
    case 1: say_like(t, "Who speaks last?|Who has the last word?|Who ends the conversation?", &q), who = t->turns - 1; break;
    default:
        for (int i = 0; i < t->turns; i++)
            if (t->turn[i].n > t->turn[who].n) who = i;
        say_like(t, "Who says the longest line?|Whose line is the longest?", &q);
    }
    ask(t, q.s, p);
    puts_to(&p->target, tag(t, t->role[who]));
    return true;
}

static int next_word(const char *s, size_t *at, Span *word) {
    while (s[*at] == ' ' || s[*at] == '\n') ++*at;
    size_t from = *at;
    while (s[*at] && s[*at] != ' ' && s[*at] != '\n') ++*at;
    *word = (Span){s + from, *at - from};
    return word->n > 0;
}

// T5's span corruption: some 15 % of the words, in spans of 1 to 5, replaced by <extra_id_0>, <extra_id_1> ...
static bool corrupt(Talk *t, const char *s, Text *masked, Text *target) {
    int id = 0, left = 0, gap = 2;
    size_t at = 0, end = 0;
    char mark[24] = "";
    Span w;
    while (next_word(s, &at, &w)) {
        if (!left && gap > 0 && id < 20 && w.p[0] != '#' && chance(t, gap > 12 ? 15 : 7)) {
            left = 1 + (int)below(t, 5), gap = 0;
            snprintf(mark, sizeof mark, "<extra_id_%d>", id++);
            if (masked->n) puts_to(masked, " ");
            puts_to(masked, mark);
            if (target->n) puts_to(target, " ");
            puts_to(target, mark);
        } else if (!left || w.p[0] == '#') {
            const char *glue = !masked->n ? "" : memchr(s + end, '\n', (size_t)(w.p - s) - end) ? "\n" : " ";
            left = 0, gap++;
            puts_to(masked, glue), put(masked, w);
        }
        if (left) puts_to(target, " "), put(target, w), left--;
        end = at;
    }
    snprintf(mark, sizeof mark, " <extra_id_%d>", id);
    puts_to(target, mark);
    return id > 0;
}

static bool task_restore(Talk *t, Pair *p) {
    Text body = {.n = 0}, masked = {.n = 0};
    put_turns(t, 0, t->turns, &body);
    if (!corrupt(t, body.s, &masked, &p->target)) return false;
    if (chance(t, 60)) {
        put(&p->source, span(masked.s));
        return true;
    }
    Text q = {.n = 0};
    say_like(t, "Fill in the missing words.|Some words are missing. Restore them.|Complete the gaps.|"
                "What belongs into the gaps?", &q);
    frame(t, q.s, masked.s, &p->source);
    return true;
}

static bool task_next(Talk *t, Pair *p) {
    int i = 1 + (int)below(t, (uint32_t)t->turns - 1);
    Text q = {.n = 0}, body = {.n = 0};
    put_turns(t, 0, i, &body);
    say_like(t, "Write the next line.|How does it go on?|Continue the dialogue.|What could be said next?|Add one more line.", &q);
    frame(t, q.s, body.s, &p->source);
    put_turns(t, i, i + 1, &p->target);
    return true;
}

// One of the names of the topic that starts at line i of SCENES.
static void put_topic(Talk *t, size_t i, Text *out) {
    expand(t, span(SCENES[i] + 2), out);
}

static bool task_topic(Talk *t, Pair *p) {
    Text q = {.n = 0};
    put_topic(t, t->scene, &p->target);
    say_like(t, "What is the topic?|What is this dialogue about?|What do they talk about?|Give the topic in a few words.|"
                "Find a heading for this conversation.", &q);
    if (chance(t, 50)) {
        Text a = {.n = 0};
        size_t other = scene_starts[below(t, (uint32_t)scenes)];
        if (other == t->scene) return false;
        put_topic(t, other, &a);
        bool first = chance(t, 50);
        puts_to(&q, " "), puts_to(&q, first ? p->target.s : a.s);
        say_like(t, " or ", &q);
        puts_to(&q, first ? a.s : p->target.s), puts_to(&q, "?");
    }
    ask(t, q.s, p);
    return true;
}

// A beat that has a version in the third person; -1 if the dialogue has none.
static int some_report(Talk *t) {
    int found[SAID], n = 0;
    for (int i = 0; i < t->saids; i++)
        if (t->said[i].report) found[n++] = i;
    return n ? found[below(t, (uint32_t)n)] : -1;
}

static bool put_report(Talk *t, int i, Text *out) {
    t->ungrounded = false;
    expand(t, span(t->said[i].report), out);
    tidy(out, true);
    return !t->ungrounded && out->n;
}

static void swap_persons(Talk *t) {
    char known[sizeof t->person[0].known];
    strcpy(known, t->person[0].known);
    strcpy(t->person[0].known, t->person[1].known);
    strcpy(t->person[1].known, known);
    t->first = 1 - t->first;
}

// The report with one of its variables drawn again: what the dialogue does not say. False if it has no such variable.
static bool put_false(Talk *t, int i, Text *out) {
    Text wrong = {.n = 0};
    for (const char *c = strchr(t->said[i].report, '{'); c; c = strchr(c + 1, '{')) {
        Var *v = find_var(t, (Span){c + 1, strcspn(c + 1, "}")});
        if (!v || !v->line || !strcmp(v->name, "cur") || chance(t, 30)) continue;
        put_wrong(t, v, &wrong);
        if (!wrong.n || !strcmp(wrong.s, v->value) || wrong.n >= sizeof v->value) return false;
        char right[sizeof v->value];
        strcpy(right, v->value);
        strcpy(v->value, wrong.s);
        bool fine = put_report(t, i, out);
        strcpy(v->value, right);
        return fine;
    }
    return false;
}

static bool task_true(Talk *t, Pair *p) {
    int i = some_report(t);
    Text right = {.n = 0}, q = {.n = 0}, statement = {.n = 0};
    if (i < 0 || !put_report(t, i, &right)) return false;
    bool is_true = chance(t, 50);
    if (is_true) statement = right;
    else if (chance(t, 35)) {
        swap_persons(t);
        bool fine = put_report(t, i, &statement);
        swap_persons(t);
        if (!fine || !strcmp(right.s, statement.s)) return false;
    } else if (!put_false(t, i, &statement) || !strcmp(right.s, statement.s)) return false;
    say_like(t, "Is this true? |True or false? |Is it right that this happens? |Does this fit the dialogue? ", &q);
    bool word = !strncmp(q.s, "True", 4);
    puts_to(&q, statement.s);
    ask(t, q.s, p);
    puts_to(&p->target, word ? is_true ? "true" : "false" : is_true ? "yes" : "no");
    return true;
}

static bool task_order(Talk *t, Pair *p) {
    int i = (int)below(t, (uint32_t)t->turns), k = (int)below(t, (uint32_t)t->turns);
    if (i == k || !strcmp(t->turn[i].s, t->turn[k].s)) return false;
    Text q = {.n = 0};
    bool first = chance(t, 60);
    say_like(t, first ? "Which of these lines comes first?|What is said earlier?"
                      : "Which of these lines comes later?|What is said later?", &q);
    puts_to(&q, "\n(a) "), puts_to(&q, t->turn[i].s);
    puts_to(&q, "\n(b) "), puts_to(&q, t->turn[k].s);
    ask(t, q.s, p);
    puts_to(&p->target, (i < k) == first ? "(a)" : "(b)");
    return true;
}

// Three lines in a row, shuffled; the target has them as they were.
static bool task_sort(Talk *t, Pair *p) {
    if (t->turns < 3) return false;
    int from = (int)below(t, (uint32_t)t->turns - 2), order[3] = {0, 1, 2};
    for (int i = 2; i > 0; i--) {
        int k = (int)below(t, (uint32_t)i + 1), keep = order[i];
        order[i] = order[k], order[k] = keep;
    }
    Text q = {.n = 0}, body = {.n = 0};
    for (int i = 0; i < 3; i++) {
        if (i) puts_to(&body, "\n");
        put_turns(t, from + order[i], from + order[i] + 1, &body);
    }
    say_like(t, "Put these lines in the right order.|These lines are mixed up. Sort them.|"
                "In which order were these lines said?", &q);
    frame(t, q.s, body.s, &p->source);
    put_turns(t, from, from + 3, &p->target);
    return true;
}

// A line in which one of the things that were drawn is left out.
static bool task_gap(Talk *t, Pair *p) {
    const Var *v = &t->var[below(t, (uint32_t)t->vars)];
    if (!v->line || !v->said || strchr(v->value, '{')) return false;
    for (int i = 0; i < t->turns; i++) {
        const char *at = strstr(t->turn[i].s, v->value);
        if (!at || words(t->turn[i].s) < words(v->value) + 2) continue;
        Text q = {.n = 0};
        say_like(t, "What is missing in this line?|Fill the gap.|Which words are left out here?|Complete the line.", &q);
        puts_to(&q, "\n"), put(&q, (Span){t->turn[i].s, (size_t)(at - t->turn[i].s)});
        puts_to(&q, "____"), puts_to(&q, at + strlen(v->value));
        ask(t, q.s, p);
        puts_to(&p->target, v->value);
        return true;
    }
    return false;
}

// Adds an item to a list, unless it is in it.
static void put_item(Text *list, Span item) {
    for (size_t i = 0; i + item.n <= list->n; i++)
        if (!memcmp(list->s + i, item.p, item.n)) return;
    if (list->n) puts_to(list, ", ");
    put(list, item);
}

// If a word of this list, of LISTS, stands at s, adds it to found.
static void match_list(const char *list, const char *s, Text *found) {
    size_t n = strcspn(list, " ");
    for (const char *a = list + n + 1; *a;) {
        size_t len = strcspn(a, "|");
        if (len && !strncmp(s, a, len) && !isalpha((unsigned char)s[len])) put_item(found, (Span){s, len});
        a += len + (a[len] == '|');
    }
}

// The names, days, towns ... that occur, in the order in which they do; "none" is an answer too.
static bool task_list(Talk *t, Pair *p) {
    static const char *const kinds[][3] = {{"girl", "boy", "first names"}, {"day", "day", "days of the week"},
                                           {"city", "city", "towns"},      {"country", "country", "countries"},
                                           {"dish", "dish", "dishes"},     {"", "", "numbers in digits"}};
    const char *const *kind = kinds[below(t, 6)];
    Text q = {.n = 0}, *found = &p->target;
    for (int i = 0; i < t->turns; i++)
        for (const char *start = t->turn[i].s, *c = start; *c; c++) {
            if (c > start && (isalnum((unsigned char)c[-1]) || c[-1] == ':')) continue;
            size_t digits = strspn(c, "0123456789:");
            if (!kind[0][0] && isdigit((unsigned char)*c)) put_item(found, (Span){c, digits - (c[digits - 1] == ':')});
            for (size_t k = 0; LISTS[k]; k++) {
                Span name = {LISTS[k], strcspn(LISTS[k], " ")};
                if (same(name, kind[0]) || same(name, kind[1])) match_list(LISTS[k], c, found);
            }
        }
    if (!found->n && chance(t, 85)) return false;
    if (!found->n) puts_to(found, "none");
    say_like(t, "List all |Which |Write down all |Find the ", &q);
    puts_to(&q, kind[2]);
    say_like(t, !strncmp(q.s, "Wh", 2) ? " are mentioned?| occur?" : " that are mentioned.| in this dialogue.", &q);
    ask(t, q.s, p);
    return true;
}

// One line by itself, told by somebody else. Names stay away: a single line does not say who speaks.
static bool task_report_line(Talk *t, Pair *p) {
    int i = some_report(t);
    if (i < 0) return false;
    Text q = {.n = 0}, line = {.n = 0};
    t->person[0].known[0] = t->person[1].known[0] = 0;
    t->need = (uint64_t)1 << i;
    bool fine = put_report(t, i, &p->target);
    t->need = ~(uint64_t)0;
    if (!fine) return false;
    puts_to(&line, tag(t, t->said[i].role)), puts_to(&line, ": "), put(&line, t->said[i].text);
    say_like(t, "Tell it in the third person.|Say it in reported speech.|Write what the speaker says as a third person sentence.|"
                "What does the speaker say or do? Answer in a sentence.|Tell this to somebody else.", &q);
    frame(t, q.s, line.s, &p->source);
    return true;
}

static bool task_report_turn(Talk *t, Pair *p) {
    int i = some_report(t);
    if (i < 0 || !put_report(t, i, &p->target)) return false;
    Text q = {.n = 0};
    say_like(t, "What happens in |Tell in the third person what is said in |What do we learn from |Report ", &q);
    put_line_name(t, t->said[i].turn, &q);
    puts_to(&q, q.s[0] == 'W' ? "?" : ".");
    ask(t, q.s, p);
    return true;
}

// All that one of the two says, in the third person, line by line.
static bool task_report_role(Talk *t, Pair *p) {
    int role = (int)below(t, 2), n = 0;
    Text q = {.n = 0}, line = {.n = 0};
    for (int i = 0; i < t->saids; i++) {
        line.n = 0, line.s[0] = 0;
        if (t->said[i].role != role || !t->said[i].report || !put_report(t, i, &line)) continue;
        if (n++) puts_to(&p->target, " ");
        puts_to(&p->target, line.s);
    }
    say_like(t, "Tell in the third person what is said by |Line by line, what does this person say or do: |Report the lines of ", &q);
    puts_to(&q, tag(t, role)), puts_to(&q, q.s[0] == 'L' ? "?" : ".");
    ask(t, q.s, p);
    return n > 1;
}

// "@N @have a dog": Anna has a dog (person 2), #Person1# has a dog (1), I have a dog (0). @3 after a verb of somebody else.
static void tell(const char *s, int person, const char *name, bool woman, Text *out) {
    static const char *const he[3][2] = {{"I", "I"}, {"#Person1#", "#Person1#"}, {"he", "she"}};
    static const char *const him[3][2] = {{"me", "me"}, {"#Person1#", "#Person1#"}, {"him", "her"}};
    static const char *const his[3][2] = {{"my", "my"}, {"#Person1#'s", "#Person1#'s"}, {"his", "her"}};
    for (; *s; s++) {
        if (*s != '@') {
            put(out, (Span){s, 1});
            continue;
        }
        Span w = {s + 1, 0};
        while (isalpha((unsigned char)w.p[w.n])) w.n++;
        bool not = !strncmp(w.p + w.n, "@not", 4), other = w.p[w.n] == '@' && w.p[w.n + 1] == '3', third = person > 0 || other;
        char last = w.n ? w.p[w.n - 1] : 0, before = w.n > 1 ? w.p[w.n - 2] : 0;
        if (same(w, "N")) puts_to(out, person == 0 ? "I" : name);
        else if (same(w, "he") || same(w, "He")) puts_to(out, he[person][woman]);
        else if (same(w, "him")) puts_to(out, him[person][woman]);
        else if (same(w, "his") || same(w, "His")) puts_to(out, his[person][woman]);
        else if (same(w, "is")) puts_to(out, third ? "is" : "am");
        else if (same(w, "have")) puts_to(out, third ? "has" : "have");
        else {
            if (last == 'y' && !strchr("aeiou", before) && third) put(out, (Span){w.p, w.n - 1}), puts_to(out, "ies");
            else {
                put(out, w);
                bool hisses = last == 'o' || last == 's' || last == 'x' || (last == 'h' && strchr("cs", before));
                if (third) puts_to(out, hisses ? "es" : "s");
            }
        }
        s = w.p + w.n - 1;
        if (not) puts_to(out, " not"), s += 4;
        if (other) s += 2;
    }
    tidy(out, true);
}

// One of the stories, told about this person. False if there is no place for its name.
static void make_story(Talk *t, int person, Text *story, Text *first, Text *third) {
    size_t n = 0;
    while (STORIES[n]) n++;
    bool woman = chance(t, 50);
    Text name = {.n = 0};
    expand(t, span(woman ? "{girl}" : "{boy}"), &name);
    story->n = 0;
    expand(t, span(STORIES[below(t, (uint32_t)n)]), story);
    tell(story->s, 0, NULL, false, first);
    tell(story->s, person, person == 1 ? "#Person1#" : name.s, woman, third);
}

// The end of the sentence in which at stands.
static size_t sentence_end(const Text *s, size_t at) {
    while (at < s->n && !strchr(".?!", s->s[at])) at++;
    return at < s->n ? at + 1 : at;
}

// From the first person to the third, or back; whole or only the first sentence.
static bool task_person(Talk *t, Pair *p) {
    Text story, first = {.n = 0}, third = {.n = 0}, q = {.n = 0}, source = {.n = 0};
    int person = 1 + (int)below(t, 2);
    make_story(t, person, &story, &first, &third);
    if (chance(t, 60)) first.s[first.n = sentence_end(&first, 0)] = 0, third.s[third.n = sentence_end(&third, 0)] = 0;
    if (person == 2 && chance(t, 30)) {
        say_like(t, "Tell this in the first person.|Write it as if you were that person.|Change it to the first person.", &q);
        frame(t, q.s, third.s, &p->source);
        puts_to(&p->target, first.s);
        return true;
    }
    say_like(t, "Tell this in the third person.|Change it to the third person.|Tell somebody else about it.|"
                "Say what this person tells.", &q);
    if (person == 1) puts_to(&source, "#Person1#: "), puts_to(&source, first.s);
    else {
        Span name = {third.s, strcspn(third.s, " ")};
        say_like(t, " The speaker is | The name is | It is said by ", &q);
        put(&q, name), puts_to(&q, ".");
        if (!isupper((unsigned char)third.s[0])) return false;
        puts_to(&source, first.s);
    }
    frame(t, q.s, source.s, &p->source);
    puts_to(&p->target, third.s);
    return true;
}

static bool task_story_restore(Talk *t, Pair *p) {
    Text story, first = {.n = 0}, third = {.n = 0};
    make_story(t, 1 + (int)below(t, 2), &story, &first, &third);
    return corrupt(t, third.s, &p->source, &p->target);
}

static bool task_story_continue(Talk *t, Pair *p) {
    Text story, first = {.n = 0}, third = {.n = 0}, q = {.n = 0};
    make_story(t, 1 + (int)below(t, 2), &story, &first, &third);
    size_t end = sentence_end(&third, chance(t, 50) ? 0 : sentence_end(&third, 0));
    if (end + 1 >= third.n) return false;
    say_like(t, "Continue the story.|Write how it goes on.|What happens next?|Write one more sentence.", &q);
    char keep = third.s[end];
    third.s[end] = 0;
    frame(t, q.s, third.s, &p->source);
    third.s[end] = keep;
    puts_to(&p->target, third.s + end + 1);
    if (!strncmp(q.s, "Write one", 9)) p->target.s[p->target.n = sentence_end(&p->target, 0)] = 0;
    return true;
}

// A sentence whose words are mixed up.
static bool task_words(Talk *t, Pair *p) {
    Text story, first = {.n = 0}, third = {.n = 0}, q = {.n = 0}, mixed = {.n = 0};
    make_story(t, 1 + (int)below(t, 2), &story, &first, &third);
    Span word[16], w;
    int n = 0;
    size_t at = 0;
    third.s[third.n = sentence_end(&third, 0)] = 0;
    while (next_word(third.s, &at, &w)) {
        if (n == 16) return false;
        word[n++] = w;
    }
    for (int i = n - 1; i > 0; i--) {
        int k = (int)below(t, (uint32_t)i + 1);
        w = word[i], word[i] = word[k], word[k] = w;
    }
    for (int i = 0; i < n; i++) {
        if (i) puts_to(&mixed, " ");
        put(&mixed, word[i]);
    }
    say_like(t, "Put the words in the right order.|Make a sentence of these words.|"
                "The words are mixed up. Write the sentence.", &q);
    frame(t, q.s, mixed.s, &p->source);
    puts_to(&p->target, third.s);
    return true;
}

typedef struct {
    const char *name;
    bool (*make)(Talk *, Pair *);
    uint32_t weight;  // its share of the rows
} Task;

static const Task TASKS[] = {
    {"question", task_question, 10},        {"questions", task_questions, 24},   {"report_role", task_report_role, 8},
    {"restore", task_restore, 10},          {"report_turn", task_report_turn, 7},
    {"report_line", task_report_line, 6},   {"true_or_false", task_true, 6},     {"next_line", task_next, 3},
    {"repeat", task_repeat, 4},             {"reply", task_reply, 3},            {"who_says", task_who_says, 3},
    {"speakers", task_speakers, 2},         {"count", task_count, 1},            {"topic", task_topic, 3},
    {"order", task_order, 1},               {"sort", task_sort, 1},              {"gap", task_gap, 3},
    {"list", task_list, 2},                 {"person", task_person, 3},          {"story_restore", task_story_restore, 3},
    {"story_continue", task_story_continue, 2}, {"words", task_words, 1},
};

enum { KINDS = sizeof TASKS / sizeof *TASKS };

// What --kinds and --longest ask for.
typedef struct {
    uint32_t weight[KINDS], sum;
    size_t longest;  // bytes of a source
} Wanted;

// "question:45,gap:8": the kinds of tasks and their weights; NULL is all of them with those of TASKS.
static bool wanted_read(Wanted *w, const char *list) {
    w->sum = 0;
    for (int i = 0; i < KINDS; i++) w->sum += w->weight[i] = list ? 0 : TASKS[i].weight;
    while (list && *list) {
        size_t n = strcspn(list, ":");
        int i = 0;
        while (i < KINDS && (strlen(TASKS[i].name) != n || strncmp(TASKS[i].name, list, n))) i++;
        if (i == KINDS || !list[n]) return false;
        char *end;
        w->sum += w->weight[i] = (uint32_t)strtoul(list + n + 1, &end, 10);
        list = *end == ',' ? end + 1 : end;
    }
    return w->sum > 0;
}

// The kind of task of a row.
static const Task *pick_task(const Wanted *w, uint64_t key) {
    uint32_t k = (uint32_t)(mix(key) % w->sum), i = 0;
    while (k >= w->weight[i]) k -= w->weight[i++];
    return TASKS + i;
}

// A row of the instruction corpus out of a dialogue; false if the dialogue isn't fit for it.
static bool make_task(Talk *t, Pair *p, const Task *task, const Wanted *w) {
    p->source.n = p->target.n = 0, p->source.s[0] = p->target.s[0] = 0;
    return task->make(t, p) && p->source.n <= w->longest;
}

// ---------------------------------------------------------------------------------------------------------------
// Files and command line
// ---------------------------------------------------------------------------------------------------------------

enum { TRAIN = 1, TEST = 2, TASKS_STREAM = 3 };  // the streams of seeds

// Row number `row` of a stream has this seed, whatever the other rows are.
static uint64_t seed_of(uint64_t seed, int stream, uint64_t row) { return mix(mix(seed * 4 + (uint64_t)stream) + row); }

static uint64_t hash(const char *s) {
    uint64_t h = 0xcbf29ce484222325u;
    while (*s) h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
    return h;
}

// The dialogues written so far, as hashes.
typedef struct {
    uint64_t *hash;
    size_t n, size;
} Seen;

// True if the text is new; remembers it.
static bool is_new(Seen *seen, const char *text) {
    uint64_t h = hash(text);
    for (size_t i = 0; i < seen->n; i++)
        if (seen->hash[i] == h) return false;
    if (seen->n == seen->size) {
        seen->size = seen->size ? seen->size * 2 : 256;
        seen->hash = realloc(seen->hash, seen->size * sizeof *seen->hash);
        if (!seen->hash) die("out of memory", span(""));
    }
    seen->hash[seen->n++] = h;
    return true;
}

static void write_field(FILE *f, const char *s, char end) {
    fputc('"', f);
    for (; *s; s++) {
        if (*s == '"') fputc('"', f);
        fputc(*s, f);
    }
    fputc('"', f);
    fputc(end, f);
}

static FILE *open_file(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
    FILE *f = fopen(path, "wb");
    if (!f) die("cannot write", span(path));
    return f;
}

static void close_file(FILE *f, const char *name) {
    if (ferror(f) | fclose(f)) die("could not write all of", span(name));
}

static Talk talk;  // too big for some stacks

// Row `row` of a stream: a dialogue that is not in `seen`, its summary and its topic.
static void make_row(uint64_t seed, int stream, uint64_t row, Seen *seen, Text *dialogue, Text *summary, Text *topic) {
    for (uint64_t k = 0;; k++) {
        make_talk(&talk, seed_of(seed, stream, row + (k << 32)), stream == TEST);
        dialogue->n = topic->n = 0;
        put_turns(&talk, 0, talk.turns, dialogue);
        put_topic(&talk, talk.scene, topic);
        if (make_summary(&talk, summary) && is_new(seen, dialogue->s)) return;
    }
}

static void write_split(uint64_t seed, int stream, uint64_t rows, Seen *seen, const char *folder) {
    const char *name = stream == TEST ? "test.csv" : "train.csv";
    Text dialogue, summary, topic;
    FILE *f = open_file(folder, name);
    fputs("id,dialogue,summary,topic\n", f);
    for (uint64_t row = 0; row < rows; row++) {
        make_row(seed, stream, row, seen, &dialogue, &summary, &topic);
        fprintf(f, "%s_%llu,", stream == TEST ? "test" : "train", (unsigned long long)row);
        write_field(f, dialogue.s, ',');
        write_field(f, summary.s, ',');
        write_field(f, topic.s, '\n');
    }
    close_file(f, name);
}

// No dialogue of the test set of this seed is used for a task.
static void write_tasks(uint64_t seed, uint64_t rows, uint64_t test_rows, const Wanted *wanted, const char *name) {
    static Pair pair;
    Seen seen = {0};
    Text dialogue, summary, topic;
    for (uint64_t row = 0; row < test_rows; row++) make_row(seed, TEST, row, &seen, &dialogue, &summary, &topic);
    size_t test = seen.n;
    FILE *f = open_file("", name);
    fputs("task,source,target\n", f);
    for (uint64_t row = 0; row < rows; row++) {
        const Task *task = pick_task(wanted, seed_of(seed, TASKS_STREAM, row));
        bool done = false;
        for (uint64_t k = 0; !done; k++) {
            if (k > 100000) die("no dialogue is fit for this task", span(task->name));
            seen.n = test;
            make_talk(&talk, seed_of(seed, TASKS_STREAM, row + (k << 32)), false);
            dialogue.n = 0;
            put_turns(&talk, 0, talk.turns, &dialogue);
            done = is_new(&seen, dialogue.s) && make_task(&talk, &pair, task, wanted);
        }
        fprintf(f, "%s,", task->name);
        write_field(f, pair.source.s, ',');
        write_field(f, pair.target.s, '\n');
    }
    free(seen.hash);
    close_file(f, name);
}

// For reading: dialogues with their summary, the answers to all that can be asked and all reports.
static void show(uint64_t seed, uint64_t rows) {
    Seen seen = {0};
    Text dialogue, summary, topic;
    for (uint64_t row = 0; row < rows; row++) {
        make_row(seed, TRAIN, row, &seen, &dialogue, &summary, &topic);
        printf("== %s\n%s\n-- %s\n", topic.s, dialogue.s, summary.s);
        for (int i = 0; i < 4; i++)
            if (one_line(&talk, 'Q', &summary, &topic)) printf("   ? %s %s\n", summary.s, topic.s);
        for (int i = 0; i < talk.saids; i++) {
            summary.n = 0;
            if (talk.said[i].report && put_report(&talk, i, &summary)) printf("   > %s\n", summary.s);
        }
        printf("\n");
    }
    free(seen.hash);
}

static int usage(void) {
    fputs("usage: make_dialogues [--seed N] [--train ROWS] [--test ROWS] [--out FOLDER]   train.csv and test.csv\n"
          "       make_dialogues [--seed N] [--test ROWS] --tasks ROWS FILE               instructions for the base model\n"
          "                      [--kinds question:45,gap:8] [--longest BYTES]            only these, in these shares; no longer sources\n"
          "       make_dialogues [--seed N] --show ROWS                                   dialogues to read\n", stderr);
    return 2;
}

int main(int argc, char **argv) {
    uint64_t seed = 1, train = 1200, test = 150, tasks = 0, shown = 0, longest = 1 << 20;
    const char *folder = ".", *file = NULL, *kinds = NULL;
    Wanted wanted;
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        bool is_out = !strcmp(option, "--out"), is_kinds = !strcmp(option, "--kinds"), is_tasks = !strcmp(option, "--tasks");
        uint64_t *number = is_tasks                     ? &tasks
                         : !strcmp(option, "--seed")  ? &seed
                         : !strcmp(option, "--train") ? &train
                         : !strcmp(option, "--test")  ? &test
                         : !strcmp(option, "--show")  ? &shown
                         : !strcmp(option, "--longest") ? &longest
                                                      : NULL;
        if (!value || (!number && !is_out && !is_kinds)) return usage();
        char *end = "";
        if (number) *number = strtoull(value, &end, 10);
        else *(is_out ? &folder : &kinds) = value;
        if (*end || value[0] == '-' || !value[0]) return usage();
        i++;
        if (is_tasks && (i + 1 >= argc || !(file = argv[++i])[0])) return usage();
    }
    if (!wanted_read(&wanted, kinds)) return usage();
    wanted.longest = longest;
    for (size_t i = 0; SCENES[i]; i++)
        if (SCENES[i][0] == '#') scene_starts[scenes++] = i;
    if (shown) show(seed, shown);
    else if (file) write_tasks(seed, tasks, test, &wanted, file);
    else {
        Seen seen = {0};
        write_split(seed, TEST, test, &seen, folder);
        write_split(seed, TRAIN, train, &seen, folder);
        free(seen.hash);
    }
    return 0;
}
