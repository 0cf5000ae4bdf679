package people

import "strings"

// A culture is a stock of names as they are given and written by people who live in
// Canada, and the pieces of further surnames like them, so that the hundred thousandth
// person still has a name of her own.
type culture struct {
	weight   int // of a hundred or so
	language string
	women    []string
	men      []string
	last     []string
	begins   []string // of surnames
	ends     []string
	long     bool // surnames may have two beginnings
	// shape finishes a name: compound first names, double surnames, particles.
	shape func(p *Series, c *culture, person *Person, woman bool)
}

func words(text string) []string { return strings.Fields(text) }

// lines is words for names that hold spaces.
func lines(text string) []string {
	var list []string
	for _, name := range strings.Split(text, ",") {
		list = append(list, strings.TrimSpace(name))
	}
	return list
}

var cultures = []culture{
	{
		weight: 26, language: "fr", shape: (*Series).quebec,
		women: words(`Julie Isabelle Nathalie Sylvie Chantal Manon Josée Mélanie Véronique Caroline Geneviève Stéphanie Karine Annie
			Émilie Sophie Audrey Catherine Valérie Maude Océane Léa Rosalie Florence Zoé Juliette Camille Noémie Jade Alice Béatrice
			Éloïse Maëlle Coralie Maïka Laurence Mégane Raphaëlle Gabrielle Ariane Andréanne Mireille Ginette Denise Lise Louise
			Micheline Colette Huguette Thérèse Cécile Jeannine Monique Pauline Solange Yolande Marcelle Aurélie Élise Hélène Michèle
			Agathe Delphine Simone Blanche Flavie Daphnée Naomie Frédérique Dominique Claude Marguerite Bernadette Rollande Fernande
			Gisèle Odette Edith Line Lucie Diane Francine Céline Johanne Guylaine Sonia Nadia Myriam Maryse Mylène Cynthia`),
		men: words(`Michel Pierre André Claude Réjean Gilles Luc Marc Daniel Alain Sylvain Stéphane Éric Martin Patrick Sébastien
			Mathieu Maxime Alexandre Olivier Gabriel Félix Samuel Antoine Thomas William Raphaël Nathan Émile Jérémy Xavier Étienne
			Zachary Loïc Édouard Arthur Léo Théo Charles Benoît Normand Yvon Roger Marcel Fernand Gérard Réal Rosaire Léopold
			Onésime Ghislain Jocelyn Serge Denis Yves François Jacques René Hervé Guillaume Vincent Simon Frédéric David Jonathan
			Dave Steeve Kevin Dany Yannick Hugo Nicolas Tristan Noah Liam Jacob Elliot Anthony Bastien Cédric Donat Armand Ovide
			Conrad Gaétan Gaston Laurier Médéric Rodrigue Télesphore Ulric Valmore Wilfrid Zéphirin`),
		last: words(`Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier Bélanger Lévesque
			Bergeron Leblanc Paquette Girard Simard Boucher Caron Beaulieu Cloutier Dubé Poirier Fournier Lapointe Leclerc Lefebvre
			Poulin Thibault Nadeau Martel Landry Martin Richard Grenier Lessard Bédard Bernier Hébert Michaud Desjardins Couture
			Turcotte Lachance Parent Blais Gosselin Savard Proulx Beaudoin Demers Perreault Boudreau Lemieux Cyr Perron Dufour Dion
			Mercier Bolduc Bérubé Boisvert Langlois Ménard Therrien Plante Bilodeau Hamel Charron Raymond Lacroix Parenteau Deschênes
			Thériault Séguin Brassard Robitaille Vaillancourt Archambault Charbonneau Lalonde Villeneuve Trudel Labelle Robert Rioux
			D’Amours D’Astous L’Écuyer L’Heureux St-Pierre St-Onge Ste-Marie St-Laurent Saint-Jean Arsenault Cormier Gallant Doucet
			LeBlanc Chiasson Robichaud Comeau Melanson Thibodeau Levasseur Quirion Veilleux Jacques Giguère Doyon Rodrigue Roussel
			Castonguay Duguay Lavallée Marcotte Moreau Racine Rousseau Sauvé Sylvestre Taillefer Vachon Vézina Zacharie`),
		begins: words(`Beau Belle Bois Bon Bour Cha Champ Char Clair Cour Dau De Des Du Dur Fau Fon For Fré Gau Gé Gran Gui Jo La
			Lan Lau Lé Lor Ma Mar Mau Mon Mou Nor Pa Par Pé Per Poi Pré Qué Rai Ré Rin Ro Sa Sau Ser Tal Ter Thi Tour Tru Va Vau
			Ver Vil Bri Cré Dé Fri Glau Lam Mil Plan Rou Sévi Til Tou Trem Vi`),
		ends: words(`bault beau bert bord bourg champ chamin chet chette court croix dain deau dard din don doin dreau dry fleur
			fort gard gault geon gneau gny guay lain lais lande lard let lier lieu lin lon maine mard meau mont mour nais nard nault
			neau nel net nier non pré quet quin rand rault reau ret rier rin rion rivière roche ron rot sault seau sier sin son tain
			tais teau tel tier tin ton tour trand val vais veau ver vert ville villier vin zeau`),
	},
	{
		weight: 21, language: "en", shape: (*Series).english,
		women: words(`Mary Patricia Linda Barbara Elizabeth Jennifer Susan Margaret Dorothy Lisa Nancy Karen Betty Helen Sandra
			Donna Carol Ruth Sharon Michelle Laura Sarah Kimberly Deborah Jessica Shirley Cynthia Angela Melissa Brenda Amy Rebecca
			Virginia Kathleen Pamela Martha Debra Amanda Stephanie Carolyn Christine Heather Diane Julie Joyce Victoria Kelly Joan
			Evelyn Lauren Judith Olivia Emma Charlotte Amelia Sophia Isla Ava Mia Evie Grace Lily Ella Freya Harper Hazel Ivy Violet
			Nora Zoe Chloe Maeve Siobhan Fiona Catriona Morag Eilidh Bronwen Gwen Rhiannon Katherine Catherine Kathryn Holly Tara
			Brooke Courtney Tiffany Ashley Brittany Crystal Dawn Jodie Kayla`),
		men: words(`James John Robert Michael William David Richard Charles Joseph Thomas Christopher Daniel Paul Mark Donald George
			Kenneth Steven Edward Brian Ronald Anthony Kevin Jason Matthew Gary Timothy Jose Larry Jeffrey Frank Scott Eric Stephen
			Andrew Raymond Gregory Joshua Jerry Dennis Walter Patrick Peter Harold Douglas Henry Carl Arthur Ryan Roger Joe Juan Jack
			Albert Jonathan Justin Terry Gerald Keith Samuel Ralph Lawrence Nicholas Benjamin Bruce Brandon Adam Harry Fred Wayne Billy
			Steve Louis Jeremy Aaron Randy Howard Eugene Russell Bobby Victor Oliver Noah Ethan Lucas Mason Logan Owen Wyatt Hunter
			Angus Alasdair Duncan Ewan Callum Fergus Liam Declan Cormac Rhys Dylan Gareth Tyler Cody Travis Shane Clayton`),
		last: words(`Smith Brown Wilson MacDonald Campbell Taylor Johnson Anderson Thompson Scott Stewart Clark Young Reid Murray
			Ross Robinson Morrison Fraser Graham Kennedy Walker Wright Mitchell White Miller Jones Williams Davis Evans Hughes Roberts
			Lewis Edwards Turner Parker Cooper Ward Baker Carter Hill Wood Watson Bell Hall Allen Green Adams King Harris Jackson
			Cameron Hamilton Simpson Ferguson Henderson Hunter Crawford Sinclair Sutherland MacLeod MacKenzie MacKay MacLean MacNeil
			McDonald McKenzie McLean McIntyre McKay McCarthy McGrath McNeil O’Brien O’Connor O’Neill O’Reilly O’Leary Kelly Murphy Ryan
			Walsh Sullivan Power Whelan Doyle Foley Penney Noseworthy Pike Butt Snook Squires Tucker Fitzgerald Fitzpatrick Llewellyn
			Pritchard Owens Rees Bevan Sheppard Knight Foster Chapman Barnes Fisher Palmer Hudson Holmes Lloyd Marshall Dixon Mills`),
		begins: words(`Ash Ald Arm Bard Barn Beck Ben Berk Birk Black Brad Bram Bran Bright Brook Brom Burn Cald Cal Carl Chat Chest
			Clay Clif Cole Cran Craw Cul Dal Dar Den Dun East El Elm Ether Fair Farn Fen Field Frost Gar Gil Gold Grant Green Hal Ham
			Har Hart Hather Haw Hazel Hether Hol Hor Hunt In Ken Kes King Kirk Lang Lath Law Lin Lock Long Mal Mar Mel Mer Mid Mil
			Mor Nor North Oak Old Over Pem Pen Pres Red Rich Rock Rother Rud Ruther Sand Sel Shel Sher Som South Stan Stock Stone
			Sum Sut Thorn Thur Til Tol Tor Turn Wal War Wel West Whit Wil Win Wood Wor`),
		ends: words(`acre bank berry borough bourne bridge brook brough burn bury by cliffe combe cote croft cross dale den don ell
			ered ering erton ett field fold ford gate grove hall ham hampton hart head heath herd hill holme house hurst ing ingham
			ington kins lake land ley line lock low man market mead mere mond mont more nell ness ney nor over path pole port ridge
			row sby sey shaw shire side sley smith som son staff stead stock stone stow ston ter thorpe ton tree vale wall ward ware
			water way well wick win wood worth yard`),
	},
	{
		weight: 14, language: "en", shape: (*Series).indigenous, long: true,
		women: words(`Kateri Nokomis Waseya Aiyana Winona Wâpan Sîpihko Iskwêw Kîsik Nipîy Pîsim Maskwa Aponi Sêhkon Waabigwan Niimi
			Memengwaa Aandeg Giizhigookwe Nibi Zaagaasige Waabikwe Miskwaa Nimkii Anangokwe Wabanang Alasua Siasi Annie Elisapie Aputi
			Nuliajuk Taqralik Qajaq Aaju Akinisie Oolootie Sarah Martha Lizzie Malaya Pitsiula Leetia Mary Rosalie Sʉkʷtʉ Nukumi
			Mali Sapatis Kisi’tuk Mimikej Pipuk Tepkunset Mniku Konwatsi Kahente Tekahionwake Karonhiahente Kanahstatsi Kaniehtiio
			Iotsitsia Denise Delphine Bella Violet Verna Delores Yvonne Chelsea Shania Autumn Raven Dawn Shayla Cheyenne Sage Aurora
			Mikinaak Tanis Tansi Nîtanis Yellowbird Deneze Tsetsa Lhtako Sa’hetxwa`),
		men: words(`Elijah Mistahi Kihci Maskwa Mahihkan Pihêsiw Kisikaw Wâpos Mikisiw Atim Makwa Ma’iingan Migizi Waabooz Giniw
			Animikii Biidaaban Niigaan Mishiikenh Wiisaakodewin Zhaawano Naanabozho Tukkuttok Natar Pauloosie Jaypeetee Putulik Joanasie
			Noah Simeonie Adamie Lucassie Qumaq Inuluk Nanuq Tuktu Amaruq Aqpik Kiviaq Siku Piita Zachariassie Pie’l Sa’n Lnu Kitpu
			Muin Tia’m Apistane’wj Mattio Tehanetorens Karonhiakta Tewateronhiakhwa Rarihokwats Shawátis Dakota Colten Tyson Dallas
			Lawrence Leroy Clarence Ernest Norman Wilfred Darren Curtis Denny Joseph Isaac Moses Abel Gideon Josiah Malachi Zacharie
			Matthieu Sylvestre Bertie Wapistan Mestenapeo Uapush Shushep Pinip Tshakapesh Deneyatie Yabetsine`),
		last: words(`Cardinal Bear Moostoos Moosomin Poundmaker Bighead Littlechild Wapachee Blacksmith Bosum Mianscum Neeposh Shecapio
			Iserhoff Diamond Cheechoo Wesley Sutherland Spence Linklater Nepinak Kakekagumick Beardy Meekis Fiddler Kakegamic Anishinabie
			Pelletier Assiniwi Odjick Commanda Whiteduck Decontie Ottereyes Kistabish Wabie McGregor Toulouse Trudeau Shawanda Manitowabi
			Pitawanakwat Wassegijig Kanawayhewin Osawamick Peltier Corbiere Recollet Debassige Naponse Nahwegahbow Anaquod Keeshig
			Qitsualik Aglukkaq Kusugak Okalik Arreak Akavak Ningeok Kunuk Ittusardjuat Tagoona Aupaluktuq Angutialuk Nungak Watt Annanack
			Tukkiapik Saviadjuk Nappaaluk Qumaluk Alaku Kasudluak Paul Sylliboy Denny Googoo Marshall Gloade Knockwood Julian Prosper
			Augustine Milliea Sanipass Simon Francis Polchies Perley Sacobie Brant Maracle Hill Montour Deer Diabo Jacobs Horn Delisle
			Goodleaf Kirby Lazare Thompson Cook Mitchell Benedict Bellegarde Ahenakew Opikokew Daniels Gladue Riel Dumont Lépine
			Belcourt Desjarlais L’Hirondelle Laboucane Erasmus Football Sangris Betsina Crookedhand Black-Plume Running-Rabbit
			Crowchild Starlight Bigstone Many-Grey-Horses André Mckenzie Vollant Fontaine Rock St-Onge Bacon Kapesh Mestokosho Mollen
			Piétacho Malec Basile Joseph George Charlie Seaward Point Sparrow Guerin Grant Baker Williams Wyss Xwechtaal Qwul’sih’yah`),
		begins: words(`Aki Ala Ama Ana Angu Api Arna Asi Ati Awa Ika Ina Ipi Iqa Isu Itu Kaki Kana Kapi Kasu Kawa Keesh Kinu Kisi
			Kitchi Kuni Maka Mami Mani Maski Metta Miki Misi Moka Nabi Naku Nama Nani Nata Nepi Niga Nipi Nuna Oka Oma Opi Osa Otta
			Pada Paki Pani Pashi Peta Piki Pisi Pitse Puta Qaka Qama Qinu Qita Saka Sapi Shawa Shingo Sika Taki Tama Tapa Tika Toki
			Tulu Uki Ula Umi Waba Wagi Wapi Wasi Wawa Winda Wiska`),
		ends: words(`bie biasige bush cappo chee cow daagan gan gamick gizhik guk guluk gvik hkwan juaq kak kamik kan kesic kijig kuk
			kwan kwe laaq liaq lluk lik luk masuk mick migwan min moose moway nak nakwat naluk naaq ngan nik nippi niq nuk pan paluk
			pik piluk poose puk qsak quaq que rak rmiut ruluk saluk sawa sew shkum sie siaq sin siuk skwa sluk suk taaluk tak tawabi
			tikwe tsiaq tuk tuluk tuq wabi wagan wanakwat wasige wapan wesit wick win yaluk yaqut yuk`),
	},
	{
		weight: 9, language: "en", shape: (*Series).southAsian, long: true,
		women: words(`Aisha Fatima Priya Anjali Sunita Kavita Meena Lakshmi Saraswati Deepa Asha Usha Rekha Neha Pooja Ritu Simran
			Harpreet Manpreet Gurpreet Jaspreet Amandeep Navneet Rajwinder Kulwinder Parminder Sukhmani Jasleen Ishita Ananya Aditi
			Shreya Diya Riya Nandini Malathi Vasanthi Kamala Revathi Thulasi Sivagami Tharani Abinaya Nirmala Zainab Khadija Sana
			Mehwish Nusrat Rukhsana Shabnam Tasneem Farzana Nasreen Dilani Chathurika Ishara Kumari Maya Sita Gita`),
		men: words(`Mohammed Ahmed Raj Rajesh Ramesh Suresh Mahesh Ganesh Vijay Sanjay Ajay Amit Sumit Rohit Mohit Nikhil Rahul Arjun
			Karan Varun Harjit Gurjit Baljit Sukhdev Jagdeep Kuldeep Hardeep Mandeep Navdeep Ranjit Satnam Balwinder Tejinder Arun
			Senthil Murugan Kannan Sivakumar Thirumal Balasubramaniam Venkatesh Krishnan Raghavan Narayanan Subramanian Imran Usman
			Bilal Hamza Faisal Tariq Asif Naveed Shahid Zubair Nuwan Chaminda Sunil Pradeep Ruwan Bikash Dipak Santosh Prakash`),
		last: words(`Singh Kaur Patel Sharma Gupta Kumar Khan Ahmed Ali Hussain Shah Malik Chaudhry Butt Qureshi Siddiqui Ansari Iqbal
			Gill Sidhu Dhillon Sandhu Grewal Brar Dhaliwal Mann Bains Sahota Johal Toor Virk Randhawa Bhullar Reddy Rao Nair Menon Pillai
			Iyer Iyengar Krishnamurthy Subramaniam Sivanesan Thevarajah Kandasamy Selvarajah Yogarajah Nadarajah Perera Fernando Silva
			Jayawardena Wickramasinghe Gunasekara Bandara Das Sen Bose Banerjee Chatterjee Mukherjee Chowdhury Rahman Islam Begum Akhter
			Hossain Thapa Gurung Tamang Shrestha Adhikari Joshi Desai Mehta Trivedi Parekh Bhatt Kapoor Malhotra Chopra Ahuja Khanna`),
		begins: words(`Abhi Amara Ananda Ara Bala Bhanu Bhara Chandra Chinna Dakshina Deva Dharma Gana Ganga Guna Guru Hari Indra Jaga
			Jana Jaya Jeya Kana Kandi Kanna Karuna Krishna Kulen Kumara Lakshmi Loga Madhava Maha Mano Muru Nada Naga Nalla Nara Navara
			Nithi Pad Parama Perum Ponnu Pra Prem Pushpa Raja Rama Ratna Ravi Sada Sanmu Sara Satchi Selva Shanmu Siva Soma Sri
			Subra Sundara Surya Thanga Thiru Uda Vaithi Vara Veera Velu Vija Vima Viswa Yoga`),
		ends: words(`balan bandara candran chandran das datta deva esan eswaran garajah gasabai gopal guru hari jeyan jothi kala kanthan
			karan kesan krishnan kumar kumaran lal lingam malai mani maran mohan moorthy murthy nadan nandan natha nathan nayagam ni
			padmanabhan pal pathy pillai prakash rajah rajan rajasingam ram ranjan ratnam reddy samy sami sekara sekaran singam singham
			soma sundaram swamy thas thevan vasan vel velan verma vardhan wardena weera yan`),
	},
	{
		weight: 8, language: "en", shape: (*Series).chinese,
		women: words(`Mei Xiuying Li Fang Na Jing Min Yan Xia Juan Xiaohong Yuting Jiayi Xinyi Siyu Wenjing Yulan Guihua Suzhen Lanying
			Meiling Wai-Ling Siu-Fong Pui-Yee Ka-Man Hoi-Yan Wing-Sze Yuk-Lan Chia-Ling Shu-Fen Ya-Wen Hsiao-Mei Zihan Ruoxi Mengyao
			Keyi Yichen Xuan Yutong Jia Qian Rong Hui Ying Zhen Lin`),
		men: words(`Wei Qiang Lei Jun Yang Yong Jie Ming Chao Hao Peng Bo Kai Zhiqiang Jianguo Guoqiang Weidong Haoran Zihao Yifan
			Junjie Mingze Zixuan Tianyu Kwok-Wing Chi-Keung Ka-Ho Wai-Man Siu-Ming Tsz-Hin Yiu-Fai Chun-Kit Chih-Ming Wen-Hao Kuan-Yu
			Cheng-En Jiahao Bowen Zhe Xin Feng Gang Liang Rui Sheng Tao`),
		last: words(`Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Tang Song Deng
			Han Feng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lü Ding Ren Lu Yao Shen Zhong Cui Tan Fan
			Shi Liao Jia Wen Fang Bai Zou Meng Xiong Qin Qiu Hou Xia Fu Chan Wong Lee Cheung Lau Ng Leung Ho Lam Chow Yeung Tsang Kwok
			Yip Tse Mak Poon Siu Fung Szeto Au-Yeung Hsu Hsieh Tsai Chiang Ouyang Sima Shangguan Zhuge`),
	},
	{
		weight: 7, language: "fr", shape: (*Series).arabic,
		women: words(`Fatima Aïcha Khadija Maryam Zeinab Amina Leïla Yasmine Nour Salma Rania Hanane Samira Nadia Karima Malika Latifa
			Houda Imane Sanaa Ghada Rima Rasha Dalal Abeer Hala Mona Heba Dina Lina Layal Rola Nadine Widad Souad Zohra Hayat Noor
			Shahd Rahaf Ruqayya Sumaya Batoul Zahra Narjes Fadila`),
		men: words(`Mohamed Ahmed Ali Omar Youssef Ibrahim Hassan Hussein Mahmoud Khaled Karim Rachid Abdelkader Mustapha Abderrahmane
			Nabil Samir Walid Tarek Bilal Hamza Anas Ayoub Ismaïl Idriss Fouad Jamal Nasser Ziad Rami Fadi Georges Élias Antoun Boutros
			Haïdar Abbas Jaafar Yahya Zakaria Abdullah Abdulrahman Saif Laith Mazen Bassam`),
		last: words(`Haddad Khoury Mansour Nassar Saliba Gemayel Daher Hamdan Hammoud Fakhoury Sabbagh Najjar Khalil Saad Aoun Abboud
			Benali Bouzid Belkacem Benchekroun El-Amrani El-Idrissi El-Fassi El-Masri Al-Hassan Al-Rashid Al-Sayed Al-Jabouri Al-Khatib
			Ben-Youssef Bensalem Boukhari Cherkaoui Tazi Alaoui Berrada Lahlou Ziani Hamdaoui Chraibi Zerhouni Bouteflika Ouyahia
			Mebarki Slimani Mahrez Ghezzal Kadri Djebbar Toumi Trabelsi Jaziri Chebbi Bourguiba Abu-Hassan Abu-Saleh Shaheen Barakat
			Awad Darwish Ismail Farouk Soliman Ghali Tadros Mikhail Iskandar Kassab Atassi Sukkar Hakim Qabbani`),
		begins: words(`Ab Abdel Abdul Abou Abu-El- Ait- Al- Al-A Bel Ben Benab Benha Bou Bous Cha Cher Dja Djel El- El-Ba El-Gha El-Ha
			Far Gha Gher Had Ham Has Id- Ja Kad Kha Kher Lah Ma Meb Mek Mez Mou Nou Oul Qa Rah Rez Sa Sah Sli Sou Tah Taz Te Yah Zah
			Ze Zou`),
		ends: words(`aam ab abi adi adin afi aj alah alem aloui ami amine amri ani aoud aoui ar arbi ari aroui asri assem asi aten awi
			ayeb azzi bani cheikh daoui djeb doun dri eddine elli emri erki essaad faoui ffar fiq ghaoui ghoul hab hadi hamdi hiri
			idi ifi ini iri issi jaoui jazi kader kaoui khli koub laoui lfi lil madi mali mane mani mdi mouni nabi naoui nasri noun
			ouari ouchi oudi oui ouni our oussi qassem rabi raoui rif ryani saidi saoui sba slim taher taoui tari touni yahi yane youb
			zaki zaoui zeddine zid zine`),
	},
	{
		weight: 4, language: "fr", shape: (*Series).haitian,
		women: words(`Marie-Carmelle Guerda Yolette Mirlande Rose-Laure Ghislaine Islande Fabiola Nadège Widline Wideline Stéphanie
			Lovely Dieula Manoucheka Roseline Marlène Jésula Adeline Carline Darline Gerda Kettly Magalie Nerlande Régine Ruth Sherline`),
		men: words(`Jean-Robert Wilner Frantz Jacques-Édouard Emmanuel Wilson Dieudonné Evens Mackenson Ricardo Stanley Rodney Jude
			Réginald Fritz Gérald Harold Jocelyn Kenson Lesly Marc-Arthur Nixon Orel Pierre-Louis Ronald Schiller Vladimir Woodley`),
		last: words(`Jean Pierre Joseph Louis Charles Jean-Baptiste Pierre-Louis Jean-Louis Saint-Fleur Désir Dorvil Estimé Exantus
			Fleurant Fleurimond Germain Guerrier Jeudy Lafleur Laguerre Laurore Mondésir Noël Occéan Paul Philogène Prophète Saintil
			Sylvain Théodore Toussaint Valcin Vilsaint Dieujuste Bellevue Beauvoir Célestin Cadet Dessalines Duvivier Étienne`),
		begins: words(`Beau Bien Bon Céles Cher Cler Dé Dieu Dor Du Esté Ex Fleuri Flo Ger Guille Jean-Bap Jeu La Lau Lé Lou Mé Mer
			Mon Nor Oc Or Phi Plai Pré Pro Rosi Saint- Saint-A Saint-Ju Sé Sim Théo Tous Val Ver Vil`),
		ends: words(`aimé ancy andré ange arion aurel bert bien by céan char cil cin clair dé dor dort ette eus fils fleur fort gène
			geste grâce hilaire ier ilus imé in ion ius juste lien lus main mé mil mond nat nel nés nor oli onel or pha phin ré rice
			rin ris saint sil sinor soit té thène tin tis tus va vic vil vius ysse`),
	},
	{
		weight: 3, language: "en", shape: (*Series).portuguese,
		women: words(`Maria Ana Fernanda Filomena Conceição Lurdes Graça Fátima Teresa Luísa Inês Beatriz Mariana Catarina Patrícia
			Susana Sónia Cláudia Mónica Deolinda Zulmira Idalina Natália Odete Rosário Joana Raquel Vânia`),
		men: words(`José António João Manuel Francisco Carlos Luís Paulo Pedro Miguel Rui Jorge Nuno Tiago Diogo Gonçalo André Hélder
			Eduardo Fernando Joaquim Agostinho Américo Baltazar Élio Gil Horácio Ilídio Simão`),
		last: words(`Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Jesus Sousa Fernandes Gonçalves Gomes Lopes Marques
			Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira Monteiro Cardoso Rocha Raposo
			Medeiros Pacheco Furtado Arruda Câmara Bettencourt Simões Figueiredo Magalhães Guimarães Leitão Falcão Brandão Frazão`),
		begins: words(`Abran Al Albu Ara Baca Bar Bei Bran Cal Cam Car Cas Coe Cor Cou Far Fei Fi Fon Gar Gouv Gui Lei Li Lou Ma Mei
			Mon Mou Nas Nor Pai Pei Pin Por Qua Que Ra Rei Sal Sam Se Si Tava Tei Va Vas Vi`),
		ends: words(`beiro ceira ches çalo cho çosa deira delo des do eira eiro elho endes es eses ga gas gens gueira lha lhães lho
			lho-Neto lhosa mão medo mundo nça nço nheiro nho ños po queira rães raes rão reira res rinho ro roso sado seca sela sinho
			tão teiro telo tinho to valho veira xeira xoto zeiro zinho`),
	},
	{
		weight: 2, language: "en",
		women: words(`Olena Oksana Iryna Natalia Halyna Svitlana Kateryna Yulia Anastasia Sofiya Ewa Agnieszka Zofia Małgorzata Danuta`),
		men:   words(`Oleksandr Andriy Dmytro Volodymyr Mykola Taras Bohdan Yuriy Serhiy Piotr Krzysztof Łukasz Stanisław Tadeusz`),
		last: words(`Shevchenko Kovalenko Bondarenko Tkachenko Kravchuk Melnyk Boyko Hrytsenko Kowalski Wiśniewski Wójcik Zieliński
			Dąbrowski Lewandowski Kamiński Moroz Savchuk Rudenko`),
		begins: words(`Andri Bara Boro Bonda Dobro Dyak Fede Hala Hry Iva Kali Kova Krav Kuchar Lebe Luko Maka Marchu Miku Niko Obo Onys
			Pana Pavly Petri Prokop Pylyp Ruba Samo Savi Sido Stepa Symo Tara Tere Tymo Vasyl Yaro Yako Zaba Zale Zubi`),
		ends: words(`chak chenko chuk dchuk dko henko iak ichenko kiv kovych lchuk lenko liuk lko lyk menko nchuk nets niak niuk nko
			nyk renko rko ryk senko shchuk shko shyn siuk sko skyi tenko tiuk tsky tyuk vchenko vchuk vych yuk zenko`),
	},
	{
		weight: 2, language: "en",
		women: words(`Ifeoma Ngozi Adaeze Chiamaka Amara Folasade Nkechi Uchenna Oluchi Yetunde Bisola Abena Akosua Efua Ama`),
		men:   words(`Chinedu Emeka Obinna Oluwaseun Tunde Babatunde Ikenna Kelechi Uche Femi Segun Kwame Kofi Kwabena Yaw`),
		last:  words(`Okafor Okonkwo Eze Nwosu Adeyemi Ogunleye Balogun Mensah Owusu Boateng Asante Appiah Obi Chukwu Adebayo Afolabi`),
		begins: words(`Ade Afo Aki Ako Ani Ayo Baba Chi Chuku Ebo Echa Ekwe Eme Ezi Fala Ibe Ike Iwu Mba Nna Nwa Nwachu Oba Obi Odu Ogu
			Ojo Oka Oko Olo Olu Ona Onu Onye Osa Oye Sala Ugo Uzo Wale`),
		ends: words(`bade bayo beze biora bode bola bulu deyi diegwu dike du fe funmi fusi gbemi gbo go gwu jide joku kanma koro kwe
			kwu lade lana lara leke loye luwa mide moye mulu neme niyi nna nwo nye rinde sanya seun sola tayo tola tunde wole wumi yemi zie`),
	},
	{
		weight: 2, language: "fr",
		women: words(`Mwamba Béatrice Espérance Divine Grâce Bintou Awa Fatou Mariam Aminata Solange Immaculée Aïssatou Rokhaya Clarisse`),
		men:   words(`Jean-Bosco Innocent Dieumerci Patience Mamadou Ousmane Cheikh Ibrahima Emmanuel Fiston Trésor Abdoulaye Moussa Didier`),
		last: words(`Mukendi Kabongo Ilunga Tshibangu Mbuyi Diallo Traoré Ndiaye Diop Sow Kouassi Kouamé Koné Coulibaly Ouédraogo Habimana
			Niyonzima Uwimana Mugisha Nkurunziza`),
		begins: words(`Bi Buka Habi Ka Kabe Kala Kasa Ki Kita Lu Mba Mpa Mu Muka Muta Mwa Nda Ngo Niyo Nki Nku Nsa Nta Rwa Sa Tshi Uwi`),
		ends: words(`bala bamba banza barega beya bongo bwe gabo gira gisha kala kamba kasa konda kulu lamba langa lenda longo lumba manga mana
			mbo mengi muga nda ndala ngoy nyange ramba reke ruka sabe sanga songa tende tombo tumba wimana yembe zadi zima`),
	},
	{
		weight: 1, language: "en",
		women:  words(`Hodan Ayaan Hibo Sahra Ubah Fartun Selam Tigist Hiwot Almaz Yordanos Rahel Saba`),
		men:    words(`Abdi Mohamud Abdirahman Liban Guled Warsame Dawit Yonas Tesfaye Bereket Kidane Haile Samson`),
		last:   words(`Warsame Farah Abdi Hirsi Jama Ali Mohamed Hassan Osman Haile Tesfay Gebremariam Wolde Tekle Berhane Kebede Tadesse`),
		begins: words(`Gebre Haile Wolde Tekle Fikre Habte Kidane`),
		ends:   words(`ab amlak mariam meskel michael selassie yesus yohannes hiwot tsion giorgis kiros`),
	},
	{
		weight: 2, language: "en",
		women: words(`Guadalupe Ximena Valentina Camila Luz Rosario Esperanza Maricel Jocelyn Rowena Liezl Analyn Cristina Marisol`),
		men:   words(`Santiago Mateo Alejandro Diego Joaquín Andrés Jomar Rodel Reynaldo Arnel Ferdinand Edgardo Rogelio Jesús`),
		last: append(words(`Garcia Reyes Bautista Ocampo Villanueva Dimaculangan Macaraeg Hernández González Rodríguez Martínez López
			Pérez Sánchez Ramírez Flores Mendoza Aquino Manalo Pangilinan`), lines(`de la Cruz, dela Rosa, del Rosario, de los Santos, San Juan`)...),
		begins: words(`Abri Alca Alma Arre Bala Barre Cabal Cala Campo Casti Cata Cerva Dima Domin Esca Figue Galla Gati Huer Ma Maca Mala Man
			Mendi Monta Pala Panga Quin Sala Santi Solo Suma Tala Valen Villa`),
		ends: words(`bano bela cruz culan dero dez dilla gayan gón guera lan lares lero lina llo lva mora nag ncia ndo ngan nidad nosa nsay
			ntes pan po ra rado rales ran res rez rio ros rroel san tan tero tilla torres vera veda yas yon za`),
	},
	{
		weight: 1, language: "en",
		women: words(`Thi-Hong Lan Huong Thuy Ngoc Linh Trang Phuong`),
		men:   words(`Minh Tuan Duc Hung Quang Bao Anh`),
		last:  words(`Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương`),
	},
	{
		weight: 1, language: "en",
		women: words(`Soo-Jin Ji-Won Min-Seo Hye-Won Yu-Na`),
		men:   words(`Sung-Min Jae-Hyun Dong-Wook Min-Jun`),
		last:  words(`Kim Park Lee Choi Jung Kang Cho Yoon Jang Lim`),
	},
	{
		weight: 1, language: "en",
		women: words(`Farzaneh Shirin Parisa Golnaz Maryam Nasrin`),
		men:   words(`Reza Behrouz Dariush Kamran Farhad Mehdi`),
		last:  words(`Hosseini Ahmadi Karimi Tehrani Rezaei Moradi Rahimi Jafari Ghorbani`),
	},
}

// A few people write their names in the script that they learned to write in.
var (
	chineseLast   = words(`王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 欧阳 司马`)
	chineseWomen  = words(`秀英 芳 娜 敏 静 丽 艳 娟 霞 桂英 雨桐 子涵 美玲`)
	chineseMen    = words(`小明 伟 强 磊 军 洋 勇 杰 涛 超 志强 建国 浩然 思远 家豪`)
	arabicLast    = lines(`حداد, خوري, منصور, نصار, الأحمد, المصري, الخطيب, بن علي, بوعزيز, الحسن, عبد الرحمن, الجبوري, قباني`)
	arabicWomen   = words(`فاطمة عائشة خديجة مريم زينب ليلى ياسمين سلمى رانيا مُنى هالة`)
	arabicMen     = words(`محمد أحمد علي عمر يوسف إبراهيم حسن خالد كريم`)
	hindiLast     = words(`शर्मा गुप्ता सिंह कुमार पटेल वर्मा जोशी मिश्रा यादव चौधरी`)
	hindiWomen    = words(`प्रिया अंजलि सुनीता दीपा मीना नेहा`)
	hindiMen      = words(`राजेश विजय अर्जुन रोहित क़ासिम`)
	syllabicLast  = words(`ᐅᑲᓕᖅ ᑯᓱᒐᖅ ᐊᒡᓗᒃᑲᖅ ᓇᑉᐹᓗᒃ ᐸᓗᖅ ᒪᓂᑐᐸᐃ ᑯᓄᒃ ᐊᓇᓇᒃ`)
	syllabicWomen = words(`ᐊᓚᓱᐊᖅ ᓯᐊᓯ ᐃᓕᓴᐱ ᒪᓚᔭ ᐱᑦᓯᐅᓛᖅ ᐋᔪ ᐱᓯᒼ ᓂᐱᕀ`)
	syllabicMen   = words(`ᓇᓄᖅ ᑐᒃᑐ ᓄᑲᑉᐱᐊᖅ ᒪᐢᑿ ᐊᐦᐊᓯᐤ`)
)
